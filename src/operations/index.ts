/** All resources in the order of the node's list. */
import type { AnyOperation, Resource } from './types';
import { account } from './account';
import { call } from './call';
import { chat } from './chat/index';
import { chatImported } from './chat/import';
import { channel } from './channel';
import { community } from './community';
import { contact } from './contact';
import { group } from './group';
import { label } from './label';
import { message } from './message';
import { mediaConnection } from './message/connection';
import { reupload } from './message/reupload';
import { safety } from './safety/index';
import { session } from './session';
import { triggerTyping } from './trigger/typing';

export const RESOURCES: readonly Resource[] = [
	account,
	call,
	channel,
	chat,
	community,
	contact,
	group,
	label,
	message,
	safety,
	session,
];

/** What nodes ask for on the way; not shown to people. */
const INTERNAL: readonly AnyOperation[] = [chatImported, mediaConnection, reupload, triggerTyping];

const BY_NAME = new Map<string, AnyOperation>(
	[...RESOURCES.flatMap(({ operations }) => operations), ...INTERNAL].map((operation) => [
		`${operation.resource}.${operation.operation}`,
		operation,
	]),
);

/** The operation under `resource.operation`, or undefined. */
export function findOperation(name: string): AnyOperation | undefined {
	return BY_NAME.get(name);
}

export { ask, askMany } from './ask';
export { patienceFor, readOnce, readWish, safetyField } from './safetyOptions';
export type {
	AnyOperation,
	Command,
	Json,
	JsonObject,
	NodeSide,
	Step,
	Operation,
	Owner,
	Resource,
	SafetyWish,
} from './types';
export { looksLikeName } from './chat';
