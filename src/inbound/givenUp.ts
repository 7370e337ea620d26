/** Which messages were reported as undecryptable: one that comes after all is no repetition. */
import type { Clock } from '../clock';
import type { Facts } from '../storage/roles';

const PREFIX = 'given-up:';
/** As long as the inbox remembers what it had. */
const KEEP_MS = 14 * 24 * 60 * 60_000;

export class GivenUpMessages {
	private readonly known = new Set<string>();

	constructor(
		private readonly facts: Facts,
		private readonly clock: Clock,
	) {}

	async load(): Promise<void> {
		for await (const name of this.facts.keys(PREFIX)) this.known.add(name.slice(PREFIX.length));
	}

	has(identity: string): boolean {
		return this.known.has(identity);
	}

	async add(identity: string): Promise<void> {
		this.known.add(identity);
		const now = Buffer.from(String(this.clock.now()));
		await this.facts.set(PREFIX + identity, now, KEEP_MS);
	}
}
