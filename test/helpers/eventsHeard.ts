/** Looks for events that a listener heard, each found once. */
import type { LinkedEvent } from '../../src/events';
import type { Heard } from './product';
import { until } from './until';

export type NextEvent = (
	name: string,
	fits?: (event: LinkedEvent) => boolean,
) => Promise<LinkedEvent>;

/** A function that resolves with the next event of a name (that fits). */
export function eventsOf(heard: () => Heard): NextEvent {
	const seen = new Set<string>();
	return async (name, fits = () => true) => {
		const found = await until(name, () =>
			heard().events.find((each) => each.event === name && !seen.has(each.id) && fits(each)),
		);
		seen.add(found.id);
		return found;
	};
}
