import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { WhatsAppServer } from '../whatsapp';
import type { ConsumerOrders } from './consumer';

/** A process that receives, to be killed; it tells ConsumerNews. */
export function forkConsumer(server: WhatsAppServer, orders: ConsumerOrders): ChildProcess {
	return fork(join(__dirname, 'consumer.ts'), {
		execArgv: ['--import', 'tsx'],
		env: {
			...process.env,
			...server.env(),
			N8N_ENCRYPTION_KEY: 'crash',
			CONSUMER: JSON.stringify(orders),
		},
		stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
	});
}
