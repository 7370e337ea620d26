import type { Connection } from './connection';

/**
 * The names that match the pattern, each once. It walks over all names of the node that holds `key`,
 * so it is for what happens seldom: erasing an account, looking into it.
 */
export async function* scan(
	connection: Connection,
	key: string,
	pattern: string,
): AsyncGenerator<string> {
	// SCAN may return a name twice when the table is resized meanwhile.
	const seen = new Set<string>();
	let cursor = '0';
	do {
		const [next, names] = (await connection.command(
			key,
			['SCAN', cursor, 'MATCH', pattern, 'COUNT', '1000'],
			false,
		)) as [Buffer, Buffer[]];
		cursor = next.toString();
		for (const found of names) {
			const name = found.toString();
			if (seen.has(name)) continue;
			seen.add(name);
			yield name;
		}
	} while (cursor !== '0');
}

/**
 * Removes all names that match the pattern, which must all be on the node that holds `key`.
 * @param except is left
 */
export async function removeAll(
	connection: Connection,
	key: string,
	pattern: string,
	except?: string,
): Promise<void> {
	let batch: string[] = [];
	const flush = async () => {
		if (batch.length > 0) await connection.command(key, ['UNLINK', ...batch]);
		batch = [];
	};
	for await (const name of scan(connection, key, pattern)) {
		if (name !== except) batch.push(name);
		if (batch.length === 500) await flush();
	}
	await flush();
}
