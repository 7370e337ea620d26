/**
 * Names in place of numbers, for AI agents: a model knows "Anna", not her number. Safe rather than
 * clever: a name has to mean exactly one saved contact or one group; otherwise the model is told who
 * may be meant and has to ask. Names that people give themselves never decide, because anybody may call
 * themselves Anna. Where people build workflows themselves nothing is guessed at all.
 */
import type { IExecuteFunctions } from 'n8n-workflow';
import { LinkedError } from '../../src/errors';
import { looksLikeName, type AnyOperation } from '../../src/operations';
import type { LinkedNumber } from '../../src/runtime';

const CANDIDATES = 8;

interface Candidate {
	id: string;
	name: string;
	/** For the model and the person it asks. */
	shown: string;
	/** In the address book, or a group. */
	trusted: boolean;
}

/**
 * The context with names of this item's recipients replaced by ids.
 * @throws LinkedError `which-one` with candidates, `unknown-name`
 */
export async function withoutNames(
	context: IExecuteFunctions,
	item: number,
	operation: AnyOperation,
	number: LinkedNumber,
): Promise<IExecuteFunctions> {
	const ids = new Map<string, string>();
	for (const { name, type } of operation.fields) {
		if (type !== 'resourceLocator') continue;
		const value: unknown = context.getNodeParameter(name, item, '', { extractValue: true });
		if (typeof value === 'string' && looksLikeName(value)) {
			ids.set(name, await idOf(number, value));
		}
	}
	return ids.size === 0 ? context : substituted(context, ids);
}

function substituted(
	context: IExecuteFunctions,
	ids: ReadonlyMap<string, string>,
): IExecuteFunctions {
	const getNodeParameter = (name: string, ...rest: unknown[]): unknown =>
		ids.get(name) ?? (context.getNodeParameter as (...all: unknown[]) => unknown)(name, ...rest);
	return new Proxy(context, {
		get(target, property) {
			if (property === 'getNodeParameter') return getNodeParameter;
			const value: unknown = Reflect.get(target, property, target);
			return typeof value === 'function' ? (value.bind(target) as unknown) : value;
		},
	});
}

const words = (text: string): string[] =>
	text
		.normalize('NFKD')
		.replace(/\p{M}/gu, '')
		.toLowerCase()
		.split(/[^\p{L}\p{N}]+/u)
		.filter((word) => word !== '');

async function idOf(number: LinkedNumber, said: string): Promise<string> {
	const found = await candidates(number, said);
	const wanted = words(said);
	const trusted = found.filter((each) => each.trusted);
	const exact = trusted.filter(({ name }) => words(name).join(' ') === wanted.join(' '));
	const [only, ...others] = exact.length > 0 ? exact : trusted;
	// "Anna" is Anna Smith while nobody else it could mean is known, saved or not.
	if (only && others.length === 0 && (exact.length > 0 || found.length === 1)) return only.id;
	if (found.length === 0) throw new LinkedError('unknown-name', { detail: `"${said}"` });
	throw new LinkedError('which-one', {
		detail: found
			.slice(0, CANDIDATES)
			.map(({ shown }) => shown)
			.join('; '),
	});
}

/** Everybody and every group whose name has all the words. */
async function candidates({ history }: LinkedNumber, said: string): Promise<Candidate[]> {
	const wanted = words(said);
	const [first] = wanted;
	if (!first) return [];
	const fits = (name: string | null): name is string =>
		name !== null && wanted.every((word) => words(name).includes(word));
	const [people, groups] = await Promise.all([
		history.people({ search: first }),
		history.chats({ search: first, kinds: ['group', 'channel'] }),
	]);
	return [
		...people.flatMap(({ id, savedName, pushName, phone }): Candidate[] => {
			const name = fits(savedName) ? savedName : fits(pushName) ? pushName : undefined;
			if (name === undefined) return [];
			const trusted = name === savedName;
			const where = trusted ? '' : ', not in the address book';
			return [{ id, name, trusted, shown: `${name} (${phone ?? id}${where})` }];
		}),
		...groups.flatMap(({ id, kind, name }): Candidate[] =>
			fits(name) ? [{ id, name, trusted: true, shown: `${name} (${kind}, ${id})` }] : [],
		),
	];
}
