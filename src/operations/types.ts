/**
 * What an operation is. Adding one: a file that exports `defineOperation({...})` and one line in
 * its resource's index. The node's description, its item loop and the owner's dispatch all read
 * this registry; nothing else lists operations.
 */
import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';
import type { BaileysEventMap, GroupMetadata, WAMessage, WASocket } from '@whiskeysockets/baileys';
import type { Clock } from '../clock';
import type { LinkedError } from '../errors';
import type { Directory } from '../history/directory';
import type { Labels } from '../history/labels';
import type { Answer as PastAnswer } from '../history/past';
import type { History } from '../history/types';
import type { Log } from '../log';
import type { Leave } from '../outbound/joining';
import type { Online } from '../outbound/online';
import type { Session } from '../session/session';
import type { AccountSettings } from '../settings';
import type { AccountStorage } from '../storage/roles';
import type { Person } from '../wa/ids';
import type { SendMessage } from './sending';

export type { SendMessage, SendRequest, SendResult, SendStatus } from './sending';

/** Plain JSON, fit to travel between processes. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined };
export type JsonObject = { [key: string]: Json | undefined };

/** One request to the process that owns the number. Serialisable. */
export interface Command<P extends JsonObject = JsonObject> {
	/** `resource.operation` of the registry. */
	operation: string;
	params: P;
	/** The same key never acts twice. Unique to execution, node, run and item. */
	idempotencyKey: string;
	/** Milliseconds since the epoch after which nobody waits: it is not performed then. */
	deadline: number;
	/** What the node says about safety's limits; nothing = as the credential has it. */
	safety?: SafetyWish;
	/** Perform nothing; answer `{ done }` with what the command gave before, or null. */
	recall?: boolean;
}

/** What one node asks of src/safety beside what its credential says. */
export interface SafetyWish {
	/** Our own limits: wait until one allows it, or go over them. Fails when absent. */
	atLimit?: 'wait' | 'send';
	/** How long to wait for a limit at most, milliseconds. */
	waitMs?: number;
	/** Send nothing; say what would happen. */
	dryRun?: boolean;
	/** Only answers: to chats from which somebody wrote within the last day. */
	onlyReplies?: boolean;
	/** Who may be written to. Anyone when absent. */
	recipients?: 'wroteFirst' | 'list';
	/** Numbers and ids, with `list`. */
	list?: string[];
}

/** What perform() may use. It runs in the process that owns the number's socket. */
export interface Owner {
	readonly settings: AccountSettings;
	readonly session: Session;
	readonly storage: AccountStorage;
	readonly clock: Clock;
	readonly log: Log;
	readonly signal: AbortSignal;
	/** The open socket; waits a bounded time for it. Throws a LinkedError that says why there is none. */
	socket(): Promise<WASocket>;
	/** The message id this command must use, the same at every repetition. */
	readonly messageId: string;
	/** Sends through lane, safety and ack; see src/outbound. */
	send: SendMessage;
	/** Asks safety about people who are to be brought into a group; see src/outbound/joining.ts. */
	leaveToAdd(people: readonly string[]): Promise<Leave>;
	/** Another id of this command, when it sends several messages. Part 0 is `messageId`. */
	idOfPart(part: number): string;
	/** A message that was sent or received lately, with its key. */
	findMessage(id: string): Promise<WAMessage | undefined>;
	/** Notes that the file of a message is elsewhere on the media hosts now. */
	fileMoved(messageId: string, directPath: string): Promise<void>;
	/** Seconds after which messages of a chat disappear, as far as known; 0 when they stay. */
	timerOf(chat: string): Promise<number>;
	/** Metadata of a group, cached. */
	group(jid: string): Promise<GroupMetadata | undefined>;
	/** The groups that the number is in. */
	readonly groups: OwnGroups;
	/** Own addresses. */
	readonly me: OwnAddresses;
	/** Who this is, from any of the person's addresses: LID, number and name as far as they are known. */
	person(...addresses: Array<string | null | undefined>): Promise<Person | null>;
	/** Whether the number shows itself as online. */
	readonly online: Pick<Online, 'isOn' | 'set' | 'during' | 'tell'>;
	/** What became of a sent message; resolves when `enough` says so or the time is up. */
	receipts(
		id: string,
		wait?: { enough(receipts: MessageReceipts): boolean; timeoutMs: number },
	): Promise<MessageReceipts>;
	/** Chats, contacts and groups that the number knows. */
	readonly directory: Pick<Directory, 'search' | 'find' | 'nameOf' | 'read' | 'arrived'>;
	/** Chats, people and messages, from storage. */
	readonly history: History;
	/** Labels of WhatsApp Business and what they are on. */
	readonly labels: Pick<Labels, 'all' | 'on'>;
	/** Resolves when what was told until now is in the directory, the labels and the groups. */
	applied(): Promise<void>;
	/** Who called, and whether the call is over; undefined for a call that was not heard lately. */
	call(id: string): { from: string; over: boolean } | undefined;
	/**
	 * What the phone sends for a request for older messages (its id is what Baileys returns), once it
	 * is kept; undefined when it does not answer in time.
	 */
	pastAnswer(request: string, timeoutMs: number): Promise<PastAnswer | undefined>;
	/** Everything known about the number's health, for Session > Get Status. */
	status(): Promise<JsonObject>;
	/** All numbers that this process knows of, own and others'; see numbers.ts. */
	numbers(): Promise<JsonObject[]>;
	/** Removes everything that is stored for this number. Log out before. */
	erase(): Promise<void>;
	/** What safety knows; see src/safety. */
	readonly safety: SafetyDesk;
}

/** Questions to safety; nothing is sent. */
export interface SafetyDesk {
	/** Whether a message to this address may go out now. */
	check(to: string): Promise<JsonObject>;
	/** How the number stands. @param picture adds `png`, in base64 */
	report(picture: boolean): Promise<JsonObject>;
}

/** Asked for once, then kept right by what WhatsApp tells of changes. */
export interface OwnGroups {
	/** @param fresh ask WhatsApp, whatever is known. Rejects with Baileys' error. */
	all(fresh?: boolean): Promise<GroupMetadata[]>;
	/** As `all`; rejects with 403 or 404 where the number is not a member. */
	get(jid: string, fresh?: boolean): Promise<GroupMetadata>;
	/**
	 * Takes in what was just changed, in the words of Baileys' events. The server tells of it, too, but
	 * perhaps later than the next operation looks.
	 */
	changed(
		events: Pick<Partial<BaileysEventMap>, 'groups.update' | 'group-participants.update'>,
	): void;
}

export interface OwnAddresses {
	phone: string | null;
	lid: string | null;
}

/** Who got, read or played a message, by address; times in seconds since the epoch. */
export interface MessageReceipts {
	by: Record<string, { delivered?: number; read?: number; played?: number }>;
}

/** How far something long is. */
export interface Step {
	/** e.g. `Uploading` */
	doing: string;
	done: number;
	/** Of how many; absent while nobody knows. */
	of?: number | null;
	unit: 'bytes' | 'messages';
}

/** What prepare() may use. It runs in the process of the node, which may be another than the owner's. */
export interface NodeSide {
	readonly context: IExecuteFunctions;
	readonly item: number;
	readonly settings: AccountSettings;
	readonly signal?: AbortSignal;
	/** Nothing is to be sent: nothing is fetched or uploaded for it either. */
	readonly dryRun: boolean;
	/** Chats, people and messages, from storage. */
	readonly history: History;
	/** Asks the owner something that this operation needs first. */
	ask(operation: string, params: JsonObject): Promise<JsonObject>;
	/** Tells the person who waits; as often as one likes. */
	progress(step: Step): void;
}

export interface Operation<P extends JsonObject = JsonObject> {
	/** Value of the resource parameter, e.g. `message`. */
	resource: string;
	/** Value of the operation parameter, e.g. `sendText`. */
	operation: string;
	/** Shown in the list of operations. */
	name: string;
	/** One sentence: what it does. Also what a language model reads. */
	description: string;
	/** Shown on the canvas, e.g. `Send a text message`. */
	action: string;
	/** Fields without displayOptions for resource and operation; the registry adds those. */
	fields: INodeProperties[];
	/** Reads the fields for one item. Throws LinkedError for input that cannot be right. */
	read(context: IExecuteFunctions, item: number): P | Promise<P>;
	/**
	 * - `socket`: performed by the owner with an open connection;
	 * - `session`: performed by the owner, connected or not;
	 * - `history`: answered from storage in the process of the node, see inNode().
	 */
	needs: 'socket' | 'session' | 'history';
	/** True when it changes or sends something: results are remembered by idempotency key. */
	writes: boolean;
	/**
	 * False when doing it twice does something twice, as creating a group does: then it is not begun
	 * again when the process that did it died before it could tell how it ended. By default true for
	 * messages, whose second copy has the same id and is dropped, and false for other writes.
	 */
	repeatable?: boolean;
	/** True when it writes to somebody or adds people to a group: the node then shows the Safety options, see ./safetyOptions.ts. */
	sends?: true;
	/** True when it cannot be undone: off as an AI tool unless chosen, said in the node. */
	destructive?: boolean;
	/** Work in the process of the node before the owner is asked: media is encrypted and uploaded. */
	prepare?(node: NodeSide, params: P): Promise<P>;
	/** How long the node waits for the owner, in milliseconds. Default 60 000. */
	timeoutMs?: number | ((params: P) => number);
	perform(owner: Owner, params: P): Promise<JsonObject | JsonObject[]>;
	/**
	 * Does all of it in the process of the node, instead of perform(): what reads from storage or
	 * makes files need not go through the owner. The number is connected meanwhile if it can be, and
	 * has been given a moment to catch up. See reading.ts.
	 */
	inNode?(node: NodeSide, params: P): Promise<INodeExecutionData[]>;
	/**
	 * The result when the number cannot be asked at all, for operations that must answer even then.
	 * @param known what this process knows without the storage and without the owner
	 */
	unreachable?(error: LinkedError, known: JsonObject): JsonObject;
	/** Turns the result into items in the process of the node, e.g. to add binary data. */
	present?(
		context: IExecuteFunctions,
		item: number,
		result: JsonObject | JsonObject[],
		params: P,
	): Promise<INodeExecutionData[]>;
	/** An example of the output, used in the docs and as output schema. */
	sample: IDataObject | IDataObject[];
}

/** The registry holds operations of all parameter shapes. */
export type AnyOperation = Operation<JsonObject>;

/** Keeps the parameter type between read() and perform(), then forgets it for the registry. */
export function defineOperation<P extends JsonObject>(operation: Operation<P>): AnyOperation {
	return operation as unknown as AnyOperation;
}

export interface Resource {
	value: string;
	name: string;
	operations: AnyOperation[];
	/** The operation shown first when the resource is chosen. */
	default: string;
}
