/** In queue mode a worker downloads by itself: the process with the connection has no part in it. */
import * as tls from 'node:tls';
import { randomBytes } from 'node:crypto';
import { Container } from '@n8n/di';
import { BinaryDataService } from 'n8n-core';
import { WhatsAppLinkedApi } from '../../credentials/WhatsAppLinkedApi.credentials';
import { WhatsAppLinked } from '../../nodes/WhatsAppLinked/WhatsAppLinked.node';
import { readCredential, runtime } from '../../src/runtime';
import { RedisServer } from '../helpers/redis';
import { until } from '../helpers/until';
import { Engine, itemsOf } from '../n8n/harness/engine';
import { N8nProcess } from '../processes/process';
import { WhatsAppServer } from '../whatsapp';

jest.setTimeout(120_000);

test('a worker downloads while the process that owns the number stands still', async () => {
	const environment = { ...process.env };
	const authorities = tls.getCACertificates('default');
	const [server, redis] = await Promise.all([WhatsAppServer.start(), RedisServer.start()]);
	const data = {
		storage: 'redis',
		redisConnection: 'fields',
		redisHost: '127.0.0.1',
		redisPort: redis.port,
	};
	const engine = await Engine.create({
		nodeTypes: [new WhatsAppLinked()],
		credentialTypes: [new WhatsAppLinkedApi()],
		credentials: { number: { type: 'whatsAppLinkedApi', data } },
		binaryData: 'filesystem',
	});
	Object.assign(process.env, server.env());
	tls.setDefaultCACertificates([...authorities, server.caPem]);
	const settings = readCredential({ id: 'number', name: 'Number' }, data);
	const owner = await N8nProcess.start({
		storage: settings.storage,
		env: server.env(),
		secret: process.env.N8N_ENCRYPTION_KEY,
	});
	try {
		const me = await server.phone('+1 555 010 0100', { name: 'Me' });
		const anna = await server.phone('+1 555 010 0101', { name: 'Anna' });
		await me.scan(String((await owner.run('number', 'session.getQr')).qr));
		await until('the link', async () => {
			return (await owner.run('number', 'session.getStatus')).state === 'open';
		});
		const file = randomBytes(300_000);
		const { id } = await anna.sendMedia(me, 'document', file, { fileName: 'report.pdf' });
		const { storage } = await runtime().storage(settings);
		const { facts } = storage.account('number');
		await until('it to be stored', async () => (await facts.get(`message:${id}`)) !== undefined);
		const logins = server.count('passive/active');

		owner.signal('SIGSTOP');
		const node = {
			id: 'node-1',
			name: 'WhatsApp',
			type: 'n8n-nodes-whatsapp-linked.whatsAppLinked',
			typeVersion: 1,
			position: [0, 0] as [number, number],
			parameters: { resource: 'message', operation: 'downloadMedia', from: 'id', messageId: id },
			credentials: { whatsAppLinkedApi: { id: 'number', name: 'Number' } },
		};
		const run = await engine.run({ nodes: [node], connections: {} });
		expect(run.data.resultData.error).toBeUndefined();
		const binary = itemsOf(run, 'WhatsApp')[0]?.binary?.data;
		expect(binary).toMatchObject({ fileName: 'report.pdf', mimeType: 'application/pdf' });
		const got = await Container.get(BinaryDataService).getAsBuffer(binary!);
		expect(got.equals(file)).toBe(true);
		// It has not become the owner to do so either.
		expect(server.count('passive/active')).toBe(logins);
	} finally {
		await owner.end('SIGKILL');
		await runtime().close();
		await server.stop();
		await engine.close();
		await redis.close();
		tls.setDefaultCACertificates(authorities);
		process.env = environment;
	}
});
