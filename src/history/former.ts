/** What is stored of a number's chats beside its history, by the beginnings of its names. */
import type { Facts } from '../storage/roles';
import { LABEL, LABELLED } from './labels';

const PREFIXES = ['message:', 'timer:', 'poll:', 'receipts:', 'media-moved:', LABEL, LABELLED];
const AT_ONCE = 500;

/** Another number was linked: what the former one was told is nobody's business. */
export async function forgetFormer(facts: Facts): Promise<void> {
	const names: string[] = [];
	for (const prefix of PREFIXES) for await (const name of facts.keys(prefix)) names.push(name);
	for (let at = 0; at < names.length; at += AT_ONCE) {
		await facts.delete(names.slice(at, at + AT_ONCE));
	}
}
