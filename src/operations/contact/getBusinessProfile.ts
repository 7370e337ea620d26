import type { WABusinessProfile } from '@whiskeysockets/baileys';
import { asked } from '../asked';
import { defineOperation, type JsonObject } from '../types';
import { contactField, contactJson, CONTACT_SAMPLE, readContact, resolveContact } from './field';

type Params = { contact: string };

export const getBusinessProfile = defineOperation<Params>({
	resource: 'contact',
	operation: 'getBusinessProfile',
	name: 'Get Business Profile',
	description:
		'Get what a business says about itself: description, address, website, opening hours',
	action: 'Get the business profile of a contact',
	needs: 'socket',
	writes: false,
	fields: [contactField()],
	read: (context, item) => ({ contact: readContact(context, item) }),
	async perform(owner, { contact }) {
		const { jid, phoneJid, person } = await resolveContact(owner, contact);
		const socket = await owner.socket();
		// Businesses are known by their numbers; one that hides it is asked for by LID (belief).
		const profile = await asked(socket.getBusinessProfile(phoneJid ?? jid));
		return { ...contactJson(person, true), ...describe(profile ?? undefined) };
	},
	sample: {
		...CONTACT_SAMPLE,
		isBusiness: true,
		category: 'Bakery',
		description: 'Bread since 1905',
		address: '1 Main Street',
		email: 'bread@example.com',
		websites: ['https://example.com'],
		timezone: 'America/New_York',
		hours: [{ day: 'mon', mode: 'specific_hours', opens: '06:00', closes: '13:00' }],
	},
});

interface Hours {
	day_of_week?: string;
	mode?: string;
	open_time?: number | string;
	close_time?: number | string;
}

function describe(profile: WABusinessProfile | undefined): JsonObject {
	const hours = (profile?.business_hours?.business_config ?? []) as Hours[];
	return {
		isBusiness: profile !== undefined,
		category: profile?.category || null,
		description: profile?.description || null,
		address: profile?.address || null,
		email: profile?.email || null,
		websites: profile?.website ?? [],
		timezone: profile?.business_hours?.timezone || null,
		hours: hours.map(({ day_of_week, mode, open_time, close_time }) => ({
			day: day_of_week ?? null,
			mode: mode ?? null,
			opens: clockTime(open_time),
			closes: clockTime(close_time),
		})),
	};
}

/** WhatsApp counts minutes from midnight. */
function clockTime(minutes: number | string | undefined): string | null {
	const count = Number(minutes ?? Number.NaN);
	if (!Number.isInteger(count) || count < 0) return null;
	const two = (value: number) => String(value).padStart(2, '0');
	return `${two(Math.floor(count / 60))}:${two(count % 60)}`;
}
