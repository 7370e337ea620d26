/** A real Redis cluster on loopback: three primaries that share the slots, and replicas of them. */
import { RedisServer } from './redis';
import { until } from './until';

const SLOTS = 16_384;
/** How long a node may be silent, milliseconds: failover begins after that. */
const NODE_TIMEOUT_MS = 1_000;
/** Six servers on a busy machine take their time. */
const PATIENCE_MS = 60_000;

export class RedisCluster {
	private constructor(private readonly nodes: RedisServer[]) {}

	/** @param replicas one for each primary */
	static async start({ replicas = false } = {}): Promise<RedisCluster> {
		const count = replicas ? 6 : 3;
		const nodes = await Promise.all(
			Array.from({ length: count }, async () =>
				RedisServer.start({
					cluster: 'node',
					extra: [
						...['--cluster-node-timeout', String(NODE_TIMEOUT_MS)],
						...['--cluster-replica-validity-factor', '0', '--repl-diskless-sync-delay', '0'],
					],
				}),
			),
		);
		const cluster = new RedisCluster(nodes);
		try {
			await cluster.join();
		} catch (error) {
			await cluster.close();
			throw error;
		}
		return cluster;
	}

	get url(): string {
		return `redis-cluster://${this.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
	}

	/** Runs a command on the node that has the key; `KEYS` on all of them. */
	cli(...args: string[]): string {
		if (args[0] !== 'KEYS') return this.living().cli('-c', ...args);
		return this.nodes
			.filter((node) => isPrimary(node))
			.map((node) => node.cli(...args))
			.filter((found) => found !== '')
			.join('\n');
	}

	/** The node that a key is read from and written to. */
	primaryOf(key: string): RedisServer {
		const slot = Number(this.living().cli('CLUSTER', 'KEYSLOT', key));
		const found = this.nodes.find(
			(node) =>
				isPrimary(node) &&
				slotsOf(node).some(([from = 0, to = from]) => from <= slot && slot <= to),
		);
		if (!found) throw new Error(`No node has slot ${slot}.`);
		return found;
	}

	/** Kills the primary of a key, once its replica has all it has; resolves when that took over. */
	async failOver(key: string): Promise<void> {
		const before = this.primaryOf(key);
		const replica = this.nodes.find((node) => node.pid && node.role.primary === before.port);
		if (!replica) throw new Error(`The node on port ${before.port} has no replica.`);
		await before.replicatedTo(replica);
		await before.kill();
		await until('the replica to take over', () => {
			try {
				return this.primaryOf(key) !== before;
			} catch {
				return false;
			}
		});
	}

	/** Starts nodes that died again; resolves when they are replicas with all that there is. */
	async revive(): Promise<void> {
		const dead = this.nodes.filter(({ pid }) => pid === undefined);
		await Promise.all(dead.map(async (node) => await node.restart()));
		await until('the replicas', () =>
			dead.every((node) => node.cli('INFO', 'replication').includes('master_link_status:up')),
		);
	}

	/** All nodes hang. */
	pause(): void {
		for (const node of this.nodes) node.pause();
	}

	resume(): void {
		for (const node of this.nodes) node.resume();
	}

	async close(): Promise<void> {
		await Promise.all(this.nodes.map(async (node) => await node.close()));
	}

	private living(): RedisServer {
		const found = this.nodes.find(({ pid }) => pid !== undefined);
		if (!found) throw new Error('No node lives.');
		return found;
	}

	private async join(): Promise<void> {
		const [first, ...others] = this.nodes as [RedisServer, ...RedisServer[]];
		for (const { port } of others) first.cli('CLUSTER', 'MEET', '127.0.0.1', String(port));
		const primaries = this.nodes.slice(0, 3);
		for (const [n, node] of primaries.entries()) {
			const [from, to] = [n, n + 1].map((each) => Math.floor((each * SLOTS) / 3)) as [
				number,
				number,
			];
			node.cli('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to - 1));
		}
		await until(
			'the nodes to know each other',
			() => this.nodes.every((node) => nodesOf(node).length === this.nodes.length),
			PATIENCE_MS,
		);
		for (const [n, node] of this.nodes.slice(3).entries()) {
			node.cli('CLUSTER', 'REPLICATE', primaries[n]?.cli('CLUSTER', 'MYID') ?? '');
		}
		await Promise.all(this.nodes.map(async (node) => await node.clusterIsUp()));
		await until('the replicas', () =>
			this.nodes
				.slice(3)
				.every((node) => node.cli('INFO', 'replication').includes('master_link_status:up')),
		);
	}
}

/** What a node knows of the cluster, one line a node. */
const nodesOf = (node: RedisServer): string[] =>
	node
		.cli('CLUSTER', 'NODES')
		.split('\n')
		.filter((line) => line !== '');

const isPrimary = (node: RedisServer): boolean =>
	node.pid !== undefined && node.role.name === 'master';

/** Ranges of slots that a node says it has. */
function slotsOf(node: RedisServer): number[][] {
	const own = nodesOf(node).find((line) => line.includes('myself'));
	return (own ?? '')
		.split(' ')
		.slice(8)
		.map((range) => range.split('-').map(Number));
}
