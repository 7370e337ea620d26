/** Reads the safety fields of the credential. Fields that are not there count as the profile says. */
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { LinkedError } from '../errors';
import { parseRecipient } from '../wa/recipient';
import { NUMBER_FIELDS } from './numbers';
import { PROFILES } from './profiles';
import type { Limits, ProfileName, SafetySettings } from './types';

const bad = (field: string, problem: string) =>
	new LinkedError('bad-credential', { detail: `${field}: ${problem}`, data: { field } });

/** @throws LinkedError `bad-credential` that names the field */
export function readSafety(data: ICredentialDataDecryptedObject): SafetySettings {
	const profile = String(data.safetyProfile ?? 'careful');
	if (!Object.hasOwn(PROFILES, profile)) {
		throw bad('Safety Profile', 'must be Careful, Balanced or Off.');
	}
	const guardrails = collection(data.safetyGuardrails);
	const recipients = String(guardrails.recipients ?? 'anyone');
	if (!['anyone', 'wroteFirst', 'list'].includes(recipients)) {
		throw bad('Allowed Recipients', 'must be Anyone, People Who Wrote First or From a List.');
	}
	return {
		profile: profile as ProfileName,
		limits: readLimits(PROFILES[profile as ProfileName], collection(data.safetyLimits)),
		onlyReplies: guardrails.onlyReplies === true,
		recipients: recipients as SafetySettings['recipients'],
		list: recipients === 'list' ? readList(guardrails.list, 'Recipients') : [],
	};
}

/** Entries of a list of recipients. @throws LinkedError `bad-credential` for what is none */
function readList(value: unknown, field: string): string[] {
	const entries = String(value ?? '')
		.split(/[,;\n]/)
		.map((entry) => entry.trim())
		.filter((entry) => entry !== '');
	for (const [index, entry] of entries.entries()) {
		const parsed = parseRecipient(entry);
		if (!parsed.ok) throw bad(field, `entry ${index + 1} is not a number or ID. ${parsed.detail}`);
	}
	return entries;
}

function readLimits(profile: Limits, given: Record<string, unknown>): Limits {
	const limits = { ...profile };
	for (const { name, label, unlimited, write } of NUMBER_FIELDS) {
		const value = given[name];
		if (value === undefined || value === '') continue;
		const number = typeof value === 'string' ? Number(value) : value;
		const least = unlimited ? -1 : 0;
		if (typeof number !== 'number' || !Number.isFinite(number) || number < least) {
			throw bad(label, `must be a number from ${least} on.`);
		}
		write(limits, unlimited && number < 0 ? Infinity : number);
	}
	limits.refusedPeople = Math.max(1, limits.refusedPeople);
	return limits;
}

function collection(value: unknown): Record<string, unknown> {
	return value && typeof value === 'object' ? (value as Record<string, unknown>) : {};
}
