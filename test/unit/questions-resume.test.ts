/** The request that wakes an execution, against a server that answers as n8n does. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resume, STILL_WAITING } from '../../src/questions/resume';

let server: Server;
let seen: string[] = [];
let reply: { status: number; body: string } = { status: 200, body: 'OK' };
const before = { ...process.env };

beforeAll(async () => {
	server = createServer((request, response) => {
		seen.push(`${request.method} ${request.url}`);
		response.statusCode = reply.status;
		response.end(reply.body);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	process.env.N8N_PORT = String((server.address() as AddressInfo).port);
});
beforeEach(() => {
	seen = [];
});
afterAll(async () => {
	process.env = before;
	await new Promise((resolve) => server.close(resolve));
});

/** Its host cannot be reached: only the own port answers. */
const ADDRESS = 'http://n8n.invalid/webhook-waiting/7/node?question=Q&signature=abc';

test('goes to the own port, whatever the public address is', async () => {
	reply = { status: 200, body: 'OK' };
	expect(await resume(ADDRESS, 'POST')).toBe('resumed');
	expect(seen).toEqual(['POST /webhook-waiting/7/node?question=Q&signature=abc']);
});

test.each([
	['still waits', 200, STILL_WAITING, 'waiting'],
	['is running', 409, '{"message":"The execution \\"7\\" is running already."}', 'later'],
	['has ended', 409, '{"message":"The execution \\"7 has finished already."}', 'gone'],
	['is not there', 404, '{"message":"The execution \\"7\\" does not exist."}', 'gone'],
	['is in an n8n that starts', 404, 'Cannot GET', 'later'],
	['is in an n8n that is not well', 503, 'n8n is starting up', 'later'],
])('an execution that %s', async (_name, status, body, outcome) => {
	reply = { status, body };
	expect(await resume(ADDRESS, 'GET')).toBe(outcome);
});
