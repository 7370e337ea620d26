import type { Label } from '../../history/labels';
import { LinkedError } from '../../errors';
import { isBusiness } from '../account/own';
import { changeAppState } from '../appState';
import { asNumber, asText, badField, readCollection, optionsCollection } from '../fields';
import { defineOperation, type Owner } from '../types';
import {
	checkColor,
	checkName,
	colorField,
	findLabel,
	labelField,
	nameField,
	readLabel,
	readName,
} from './field';

/** Labels are numbered (assumed from those that phones make: 1, 2, 3 ...). */
async function nextId(owner: Owner): Promise<string> {
	const ids = (await owner.labels.all()).map(({ id }) => Number(id)).filter(Number.isInteger);
	return String(Math.max(0, ...ids) + 1);
}

async function edit(owner: Owner, label: Label, deleted = false): Promise<void> {
	await changeAppState(owner, {
		syncAction: { labelEditAction: { name: label.name, color: label.color ?? 0, deleted } },
		index: ['label_edit', label.id],
		type: 'regular',
		apiVersion: 3,
	});
}

/** Other phones keep lists in the same place, with more to them than is known here. */
async function assertBusiness(owner: Owner): Promise<void> {
	if (isBusiness(await owner.socket())) return;
	throw new LinkedError('not-allowed', {
		detail: 'Only the WhatsApp Business app has labels, and this account uses another one.',
	});
}

export const create = defineOperation<{ name: string; color: number }>({
	resource: 'label',
	operation: 'create',
	name: 'Create',
	description: 'Make a new label; needs the WhatsApp Business app on the phone',
	action: 'Create a label',
	needs: 'socket',
	writes: true,
	fields: [nameField, optionsCollection([colorField])],
	read(context, item) {
		const { color = 0 } = readCollection(context, item, 'options');
		return { name: readName(context, item), color: checkColor(asNumber(color, 'Color')) };
	},
	async perform(owner, { name, color }) {
		await assertBusiness(owner);
		const socket = await owner.socket();
		// One that the phone has made meanwhile must not be overwritten.
		await socket.resyncAppState(['regular'], false);
		const label = { id: await nextId(owner), name, color };
		await edit(owner, label);
		return label;
	},
	sample: { id: '6', name: 'New customer', color: 0 },
});

export const update = defineOperation<{ label: string; name?: string; color?: number }>({
	resource: 'label',
	operation: 'update',
	name: 'Update',
	description: 'Change the name or the color of a label',
	action: 'Update a label',
	needs: 'socket',
	writes: true,
	repeatable: true,
	fields: [
		labelField,
		{
			displayName: 'Update Fields',
			name: 'updateFields',
			type: 'collection',
			placeholder: 'Add Field',
			default: {},
			options: [colorField, { ...nameField, required: undefined }],
		},
	],
	read(context, item) {
		const { name, color } = readCollection(context, item, 'updateFields');
		if (name === undefined && color === undefined) {
			throw badField('Update Fields', 'no field was added.');
		}
		return {
			label: readLabel(context, item),
			name: name === undefined ? undefined : checkName(asText(name)),
			color: color === undefined ? undefined : checkColor(asNumber(color, 'Color')),
		};
	},
	async perform(owner, { label, name, color }) {
		await assertBusiness(owner);
		const before = await findLabel(owner, label);
		const after = { ...before, name: name ?? before.name, color: color ?? before.color };
		await edit(owner, after);
		return after;
	},
	sample: { id: '6', name: 'Customer', color: 3 },
});

export const deleteLabel = defineOperation<{ label: string }>({
	resource: 'label',
	operation: 'delete',
	name: 'Delete',
	description: 'Delete a label, which also takes it off all chats and messages',
	action: 'Delete a label',
	needs: 'socket',
	writes: true,
	destructive: true,
	fields: [labelField],
	read: (context, item) => ({ label: readLabel(context, item) }),
	async perform(owner, params) {
		await assertBusiness(owner);
		const label = await findLabel(owner, params.label);
		await edit(owner, label, true);
		return { id: label.id, name: label.name, deleted: true };
	},
	sample: { id: '6', name: 'Customer', deleted: true },
});
