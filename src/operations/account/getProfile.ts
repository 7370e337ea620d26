import { asked, refusalOf } from '../asked';
import { defineOperation, type Owner } from '../types';
import { isBusiness, ownNumber } from './own';

export const getProfile = defineOperation({
	resource: 'account',
	operation: 'getProfile',
	name: 'Get Profile',
	description: 'Get the own name, about text and profile picture, as others may see them',
	action: 'Get the own profile',
	needs: 'socket',
	writes: false,
	fields: [],
	read: () => ({}),
	async perform(owner) {
		const socket = await owner.socket();
		const { me } = socket.authState.creds;
		const [about, pictureUrl] = await Promise.all([aboutOf(owner), pictureOf(owner)]);
		return {
			number: ownNumber(owner),
			lid: owner.me.lid,
			name: me?.name ?? null,
			...about,
			pictureUrl,
			isBusiness: isBusiness(socket),
		};
	},
	sample: {
		number: '+15550100101',
		lid: '200000000000101@lid',
		name: 'Anna',
		about: 'At the lake',
		aboutSetAt: '2026-11-23T09:30:00.000Z',
		pictureUrl: 'https://pps.whatsapp.net/v/...',
		isBusiness: false,
	},
});

async function aboutOf(owner: Owner) {
	const socket = await owner.socket();
	const [found] = (await asked(socket.fetchStatus(owner.me.phone ?? ''))) ?? [];
	const { status, setAt } = (found?.status ?? {}) as { status?: string | null; setAt?: Date };
	const since = setAt?.getTime();
	return { about: status || null, aboutSetAt: since ? new Date(since).toISOString() : null };
}

async function pictureOf(owner: Owner): Promise<string | null> {
	const socket = await owner.socket();
	try {
		return (await socket.profilePictureUrl(owner.me.phone ?? '', 'image')) ?? null;
	} catch (error) {
		// There is none.
		if (refusalOf(error) === 404) return null;
		return await asked(Promise.reject(error as Error));
	}
}
