import type { By, Cursors, Delivery, Emission } from '../roles';
import { parseSeq } from '../seq';
import type { Connection } from './connection';
import type { Names } from './names';
import { CLAIM, DONE, EMITTED, SET_CURSOR } from './scripts';
import type { RedisSignals } from './signals';

/** What `cursors` holds for a trigger that is known but has no position yet. */
const NO_POSITION = '~';

/** What EMITTED answers. */
const EMISSIONS: readonly Emission[] = ['done', 'ours', 'taken'];

export class RedisCursors implements Cursors {
	constructor(
		private readonly connection: Connection,
		private readonly names: Names,
		private readonly signals: RedisSignals,
	) {}

	async get(trigger: string): Promise<string | undefined> {
		const { cursors } = this.names;
		const reply = await this.connection.command(cursors, ['HGET', cursors, trigger], true);
		const position = reply === null ? NO_POSITION : String(reply);
		return position === NO_POSITION ? undefined : position;
	}

	async set(trigger: string, seq: string): Promise<void> {
		parseSeq(seq);
		await this.connection.script(SET_CURSOR, this.keys(trigger), [trigger, seq]);
	}

	async open(trigger: string): Promise<Delivery[]> {
		const name = this.names.deliveries(trigger);
		const reply = (await this.connection.command(name, ['HGETALL', name], true)) as Buffer[];
		const deliveries: Delivery[] = [];
		for (let at = 0; at < reply.length; at += 2) {
			const held = JSON.parse(String(reply[at + 1])) as Omit<Delivery, 'seq'>;
			deliveries.push({ seq: String(reply[at]), ...held });
		}
		return deliveries.sort((a, b) => (a.seq < b.seq ? -1 : 1));
	}

	async emitted(
		trigger: string,
		seq: string,
		attempt: number,
		by: By,
		over = 0,
	): Promise<Emission> {
		parseSeq(seq);
		const args = [trigger, seq, String(attempt), by.process, by.execution, String(over)];
		const answer = await this.connection.script(EMITTED, this.keys(trigger), args);
		return EMISSIONS[Number(answer)] ?? 'taken';
	}

	async claim(trigger: string, seq: string, attempt: number, by: By): Promise<boolean> {
		parseSeq(seq);
		const won = await this.connection.script(
			CLAIM,
			[...this.keys(trigger), this.names.claims],
			[trigger, seq, String(attempt), by.process, by.execution, this.names.channel],
		);
		return won === 1;
	}

	async done(trigger: string, seq: string, attempt: number): Promise<boolean> {
		parseSeq(seq);
		const args = [trigger, seq, String(attempt)];
		return (await this.connection.script(DONE, this.keys(trigger), args)) === 1;
	}

	async remove(trigger: string): Promise<void> {
		const [cursors, deliveries] = this.keys(trigger);
		await this.connection.command(cursors, ['UNLINK', deliveries]);
		await this.connection.command(cursors, ['HDEL', cursors, trigger]);
	}

	async list(): Promise<string[]> {
		const { cursors } = this.names;
		const reply = await this.connection.command(cursors, ['HKEYS', cursors], true);
		return (reply as Buffer[]).map(String);
	}

	onClaim(listener: (trigger: string, seq: string) => void): () => void {
		return this.signals.onClaim(listener);
	}

	private keys(trigger: string): [cursors: string, deliveries: string] {
		return [this.names.cursors, this.names.deliveries(trigger)];
	}
}
