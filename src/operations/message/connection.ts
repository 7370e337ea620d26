import type { MediaConnection } from '../../media/upload';
import { defineOperation } from '../types';

type Params = { fresh: boolean };

/**
 * Where media goes and the word that opens the door there, for the process that runs the node. Not
 * shown in the node.
 */
export const mediaConnection = defineOperation<Params>({
	resource: 'media',
	operation: 'connection',
	name: 'Media Connection',
	description: 'Where media is uploaded',
	action: 'Get the media connection',
	needs: 'socket',
	writes: false,
	fields: [],
	read: () => ({ fresh: false }),
	async perform(owner, { fresh }) {
		const socket = await owner.socket();
		const { auth, hosts } = await socket.refreshMediaConn(fresh);
		const connection: MediaConnection = {
			auth,
			hosts: hosts.map(({ hostname, maxContentLengthBytes }) => ({
				hostname,
				maxBytes: maxContentLengthBytes || 0,
			})),
		};
		return connection;
	},
	sample: { auth: '...', hosts: [{ hostname: 'media.example', maxBytes: 0 }] },
});
