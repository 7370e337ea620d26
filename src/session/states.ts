/** The state that a session is in, for those who wait for another one. */
import type { Clock } from '../clock';
import { Emitter } from '../emitter';
import type { Log } from '../log';
import { stateFacts, type SessionState, type SessionStateName } from './state';

const CONNECTED: ReadonlySet<SessionStateName> = new Set(['open', 'connecting', 'pairing']);

export class States {
	private state: SessionState;
	private readonly changes = new Emitter<SessionState>();

	constructor(private readonly deps: { clock: Clock; log: Log }) {
		this.state = { name: 'closed', since: deps.clock.now() };
	}

	get current(): SessionState {
		return this.state;
	}

	/** There is a socket, or one is being made. */
	get isConnected(): boolean {
		return CONNECTED.has(this.state.name);
	}

	set(state: SessionState): void {
		const before = this.state.name;
		this.state = state;
		if (before !== state.name) this.deps.log.info(`session is ${state.name}`, stateFacts(state));
		this.changes.emit(state);
	}

	on(listener: (state: SessionState) => void): () => void {
		return this.changes.on(listener);
	}

	/** Resolves with the first state that the probe accepts, or undefined after the time is up. */
	async waitFor(
		accept: (state: SessionState) => boolean,
		timeoutMs: number,
		signal?: AbortSignal,
	): Promise<SessionState | undefined> {
		return await this.changes.waitFor(() => this.state, accept, {
			timeoutMs,
			signal,
			clock: this.deps.clock,
		});
	}
}
