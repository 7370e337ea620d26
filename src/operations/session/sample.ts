import type { IDataObject } from 'n8n-workflow';

export const STATUS: IDataObject = {
	summary: 'Connected; events are delivered as they come.',
	state: 'open',
	since: '2026-11-23T09:30:00.000Z',
	number: '+15550100101',
	lid: '200000000000101@lid',
	name: 'Anna',
	reconnects: 1,
	nextTry: null,
	error: null,
	lastError: {
		code: 'offline',
		message: 'WhatsApp could not be reached.',
		next: 'Check the network and the proxy of this credential. The connection is retried by itself.',
		at: '2026-11-23T09:29:00.000Z',
	},
	owner: 'n8n-main:4711:0a1b2c3d',
	inbound: { received: 120, undecryptable: 2, givenUp: 0, broken: 0, replayed: 0 },
	historySync: null,
	queues: { commandsUnderWay: 0, notInInboxYet: 0, waitingForDecryption: 0 },
	triggers: [
		{
			trigger: 'hTq2ZrXk3v8LwP1c/6e0a9f4c-2a51-4d3e-9d53-0d1f6c1c7a10',
			workflowId: 'hTq2ZrXk3v8LwP1c',
			nodeId: '6e0a9f4c-2a51-4d3e-9d53-0d1f6c1c7a10',
			process: 'n8n-main:4711:0a1b2c3d',
			behind: 0,
			behindMore: false,
			oldestAt: null,
			inExecution: 0,
			waiting: 0,
			started: 42,
		},
	],
	storage: { kind: 'redis', shared: true, ok: true, since: null, reason: null },
	versions: { package: '0.1.0', baileys: '7.0.0-rc14', node: '24.21.0', n8n: '2.41.1' },
};
