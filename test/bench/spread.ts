/** Median and spread of measurements, as the benches print them. */

export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1
		? (sorted[middle] ?? Number.NaN)
		: ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** The value that this part of them lies below, 0.99 for the 99th percentile. */
export function share(values: readonly number[], part: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN;
}

/** `median (smallest to largest)` */
export function spread(values: readonly number[], digits = 0, unit = ''): string {
	const show = (value: number) => value.toFixed(digits);
	return `${show(median(values))}${unit} (${show(Math.min(...values))} to ${show(Math.max(...values))})`;
}
