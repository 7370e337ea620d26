/**
 * The one reader of the credential: turns its fields into checked settings. Everything that can be
 * wrong with them is said here, naming the field.
 */
import type { ICredentialDataDecryptedObject, INode } from 'n8n-workflow';
import { join } from 'node:path';
import { LinkedError } from './errors';
import { isQueueMode, queueRedis, userFolder, type QueueRedis } from './host';
import type { Keeping } from './history/keeping';
import { readKeeping } from './history/settings';
import { readSafety } from './safety/settings';
import type { StorageSettings } from './storage/open';
import { parsePhone } from './wa/phone';

export const CREDENTIAL = 'whatsAppLinkedApi';

export interface AccountSettings {
	/** The credential's id: whoever may use the credential may use the number, nobody else. */
	readonly account: string;
	readonly credentialName: string;
	readonly storage: StorageSettings;
	/** Digits of the number to link, when the person wants an eight-character code. */
	readonly phone?: string;
	/** The name that the phone shows under Linked devices. */
	readonly deviceName: string;
	/** http, https, socks5 ... address. May hold a password: never log it. */
	readonly proxy?: string;
	/** What of the history is kept; all of it when absent. */
	readonly history?: Keeping;
	/** The whole credential, for rooms with settings of their own (safety, history). */
	readonly options: ICredentialDataDecryptedObject;
}

const text = (data: ICredentialDataDecryptedObject, field: string): string => {
	const value = data[field];
	return typeof value === 'string' ? value.trim() : value === undefined ? '' : String(value).trim();
};

const bad = (field: string, problem: string) =>
	new LinkedError('bad-credential', { detail: `${field}: ${problem}`, data: { field } });

function redisSettings(data: ICredentialDataDecryptedObject): StorageSettings {
	const prefix = text(data, 'redisPrefix') || undefined;
	if (text(data, 'redisConnection') === 'url') {
		return { kind: 'redis', url: text(data, 'redisUrl'), prefix };
	}
	return {
		kind: 'redis',
		host: text(data, 'redisHost') || 'localhost',
		port: Number(text(data, 'redisPort') || 6379),
		username: text(data, 'redisUser') || undefined,
		password: text(data, 'redisPassword') || undefined,
		database: Number(text(data, 'redisDatabase') || 0),
		tls: data.redisTls === true,
		prefix,
	};
}

/** The Redis of n8n's own queue as storage. */
export function queueStorage({ clusterNodes, ...redis }: QueueRedis): StorageSettings {
	if (clusterNodes.length === 0) return { kind: 'redis', ...redis };
	return {
		kind: 'redis',
		url: `redis${redis.tls ? 's' : ''}-cluster://${clusterNodes.join(',')}`,
		username: redis.username,
		password: redis.password,
		tls: redis.tls,
	};
}

function storageSettings(data: ICredentialDataDecryptedObject): StorageSettings {
	const choice = text(data, 'storage') || 'automatic';
	const embedded: StorageSettings = {
		kind: 'sqlite',
		folder: join(userFolder(), 'whatsapp-linked'),
	};
	switch (choice) {
		case 'redis':
			return redisSettings(data);
		case 'embedded':
			if (isQueueMode()) throw new LinkedError('embedded-in-queue-mode');
			return embedded;
		case 'automatic':
			return isQueueMode() ? queueStorage(queueRedis()) : embedded;
		default:
			throw bad('Storage', 'must be Automatic, Embedded or Redis.');
	}
}

function proxySetting(data: ICredentialDataDecryptedObject): string | undefined {
	const proxy = text(data, 'proxy');
	if (proxy === '') return undefined;
	// The value may hold a password, so it is not repeated.
	const wrong = 'must look like http://host:3128 or socks5://user:password@host:1080.';
	if (!URL.canParse(proxy)) throw bad('Proxy', wrong);
	if (!/^(https?|socks[45]?[ah]?):$/.test(new URL(proxy).protocol)) throw bad('Proxy', wrong);
	return proxy;
}

/**
 * Checks the fields of one credential.
 * @throws LinkedError `bad-credential`, `bad-phone` or `embedded-in-queue-mode`.
 */
export function readCredential(
	credential: { id: string | null | undefined; name: string },
	data: ICredentialDataDecryptedObject,
): AccountSettings {
	if (!credential.id) {
		throw new LinkedError('bad-credential', {
			detail: 'It is not saved yet: press Save first, then the number can be linked.',
		});
	}
	const phoneText = text(data, 'phoneNumber');
	const phone = phoneText === '' ? undefined : parsePhoneDigits(phoneText);
	if (phone && 'problem' in phone) throw new LinkedError('bad-phone', { detail: phone.problem });
	// For what is wrong with it; safety reads it itself.
	readSafety(data);
	const deviceName = text(data, 'deviceName') || 'n8n';
	if (deviceName.length > 50) throw bad('Device Name', 'must have 50 characters at most.');
	return {
		account: credential.id,
		credentialName: credential.name,
		storage: storageSettings(data),
		phone: phone?.digits,
		deviceName,
		proxy: proxySetting(data),
		history: readKeeping(data),
		options: data,
	};
}

/** What every context of a node offers here. */
interface NodeContext {
	getCredentials<T extends object = ICredentialDataDecryptedObject>(
		type: string,
		item?: number,
	): Promise<T>;
	getNode(): INode;
}

/** The settings of the credential that a node uses, as they are now. @throws as readCredential. */
export async function settingsFor(context: NodeContext, item?: number): Promise<AccountSettings> {
	const data = await context.getCredentials<ICredentialDataDecryptedObject>(CREDENTIAL, item);
	const reference = context.getNode().credentials?.[CREDENTIAL];
	return readCredential({ id: reference?.id, name: reference?.name ?? '' }, data);
}

/** The digits of a phone number as somebody typed it, or what is wrong with it. */
export function parsePhoneDigits(typed: string): { digits: string } | { problem: string } {
	const parsed = parsePhone(typed);
	if (!parsed.ok) return { problem: parsed.detail };
	return { digits: parsed.value.phone.replace('+', '') };
}
