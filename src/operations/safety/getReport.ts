import { badField, readText } from '../fields';
import { defineOperation, type JsonObject } from '../types';

type Params = { picture: boolean; binaryProperty: string };

export const getReport = defineOperation<Params>({
	resource: 'safety',
	operation: 'getReport',
	name: 'Get Report',
	description:
		'Tell how safe the number is: a verdict with advice, reply rate, unanswered messages, what WhatsApp says, and a picture of the last 30 days',
	action: 'Get the safety report of the number',
	needs: 'session',
	writes: false,
	fields: [
		{
			displayName: 'Picture',
			name: 'picture',
			type: 'boolean',
			default: true,
			description: 'Whether to add a picture (PNG) of the last 30 days',
		},
		{
			displayName: 'Put Output in Field',
			name: 'binaryProperty',
			type: 'string',
			default: 'data',
			required: true,
			hint: 'The name of the output binary field to put the picture in',
			displayOptions: { show: { picture: [true] } },
		},
	],
	read(context, item) {
		const picture = context.getNodeParameter('picture', item, true) !== false;
		const binaryProperty = readText(context, item, 'binaryProperty').trim() || 'data';
		if (picture && !/^\w+$/.test(binaryProperty)) {
			throw badField('Put Output in Field', 'it may have letters, digits and _ only.');
		}
		return { picture, binaryProperty };
	},
	perform: async (owner, { picture }) => await owner.safety.report(picture),
	async present(context, item, result, { picture, binaryProperty }) {
		const { png, ...report } = result as JsonObject;
		if (!picture || typeof png !== 'string') return [{ json: report, pairedItem: { item } }];
		const content = Buffer.from(png, 'base64');
		const binary = await context.helpers.prepareBinaryData(content, 'safety.png', 'image/png');
		return [{ json: report, binary: { [binaryProperty]: binary }, pairedItem: { item } }];
	},
	sample: {
		verdict: 'caution',
		summary: 'Of 24 conversations that were begun in 30 days 6 were answered.',
		advice: [
			'Write to people who expect it, say in the first message who you are, and ask something they want to answer.',
		],
		profile: 'careful',
		last24Hours: {
			sentToPeople: 42,
			sentToGroups: 3,
			answers: 37,
			writtenOnPhone: 4,
			received: 51,
			newConversations: 2,
			newConversationsAnswered: 1,
			replyRate: 0.5,
			unanswered: 1,
			unansweredShare: 0.02,
			deliveredRate: 0.98,
			readRate: 0.81,
			failed: 0,
			refusedByWhatsApp: 0,
			heldBack: 1,
			sentOverLimit: 0,
		},
		limits: [
			{ name: 'newConversationsPerDay', used: 2, limit: 10 },
			{ name: 'unansweredIn30Days', used: 18, limit: 100 },
		],
		cap: {
			level: 'NONE',
			quota: 1000,
			used: 18,
			cycleEnds: '2026-12-01T00:00:00.000Z',
			asOf: '2026-11-23T09:30:00.000Z',
		},
		timelock: { active: false, until: null, asOf: '2026-11-23T09:30:00.000Z' },
		restsUntil: null,
		linkedSince: '2026-09-01T10:00:00.000Z',
	},
});
