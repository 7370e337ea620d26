import type { INodeProperties } from 'n8n-workflow';
import { LinkedError } from '../../errors';
import { asked } from '../asked';
import { asText, badField, readCollection } from '../fields';
import { asTimer, TIMES } from '../timer';
import { defineOperation } from '../types';
import { CATEGORIES, fetchPrivacy, privacyFields } from './privacy';
import { PRIVACY } from './sample';
import { setDefaultTimerTo } from './setDefaultTimer';

type Params = { settings: Record<string, string>; seconds?: number };

const defaultTimerField: INodeProperties = {
	displayName: 'Default Message Timer',
	name: 'seconds',
	type: 'options',
	options: TIMES,
	default: 0,
	description: 'After which time messages of new chats disappear',
};

export const updatePrivacy = defineOperation<Params>({
	resource: 'account',
	operation: 'updatePrivacy',
	name: 'Update Privacy Settings',
	description: 'Change who may see, call, message and add this number; what is not named stays',
	action: 'Update the privacy settings',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: [
		{
			displayName: 'Settings',
			name: 'settings',
			type: 'collection',
			placeholder: 'Add Setting',
			default: {},
			options: [...privacyFields, defaultTimerField].sort((a, b) =>
				a.displayName.localeCompare(b.displayName),
			),
		},
	],
	read(context, item) {
		const given = readCollection(context, item, 'settings');
		const settings: Record<string, string> = {};
		for (const { field, displayName, values } of CATEGORIES) {
			if (given[field] === undefined) continue;
			const wanted = asText(given[field]);
			const value = Object.keys(values).find((wire) => values[wire] === wanted);
			if (!value) {
				throw badField(displayName, `it must be one of ${Object.values(values).join(', ')}.`);
			}
			settings[field] = value;
		}
		const seconds =
			given.seconds === undefined ? undefined : asTimer(given.seconds, 'Default Message Timer');
		if (Object.keys(settings).length === 0 && seconds === undefined) {
			throw badField('Settings', 'no setting was added.');
		}
		return { settings, seconds };
	},
	async perform(owner, { settings, seconds }) {
		const socket = await owner.socket();
		const done: string[] = [];
		const step = async (name: string, task: Promise<void>) => {
			try {
				await asked(task);
				done.push(name);
			} catch (error) {
				throw halfDone(LinkedError.from(error), name, done);
			}
		};
		for (const { field, displayName, set } of CATEGORIES) {
			const value = settings[field];
			if (value !== undefined) await step(displayName, set(socket, value));
		}
		if (seconds !== undefined) {
			await step('Default Message Timer', setDefaultTimerTo(socket, seconds));
		}
		return await fetchPrivacy(owner);
	},
	sample: PRIVACY,
});

/** The same error, saying how far it got. */
function halfDone(error: LinkedError, failed: string, done: readonly string[]): LinkedError {
	const before = done.length > 0 ? ` ${done.join(', ')} had been changed before.` : '';
	return new LinkedError(error.code, {
		detail: `${failed} was not changed.${before}`,
		data: { ...error.data, failed, changed: done.join(', ') },
		cause: error,
	});
}
