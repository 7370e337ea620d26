/**
 * Reads the "flatted" JSON in which n8n hands out run data: an array of values in which every
 * string that stands inside an object or array is the index of the value meant.
 */
export function unflatten<T>(text: string): T {
	const values = JSON.parse(text) as unknown[];
	const done = new Set<unknown>();
	const resolve = (index: string): unknown => {
		const value = values[Number(index)];
		if (typeof value === 'object' && value !== null && !done.has(value)) {
			done.add(value);
			const slots = value as Record<string, unknown>;
			for (const key of Object.keys(slots)) {
				const slot = slots[key];
				if (typeof slot === 'string') slots[key] = resolve(slot);
			}
		}
		return value;
	};
	return resolve('0') as T;
}
