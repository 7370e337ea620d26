/**
 * Times as phones write them into exported chats: in the order, digits and words of the phone's
 * language. The order of day and month is found by looking at the whole file. Pure functions.
 */

export type DateOrder = 'dmy' | 'mdy' | 'ymd';

/** A time as it stands there. */
export interface Stamp {
	/** The three numbers of the date in their order. */
	date: [number, number, number];
	hour: number;
	minute: number;
	second: number;
	/** It said am or pm. */
	half: boolean;
}

/** Wall clock time, without a zone. */
export interface Local {
	year: number;
	month: number;
	day: number;
	hour: number;
	minute: number;
	second: number;
}

const AM =
	/^(?:a\.?\s?m\.?|п\.?\s?д\.?|π\.?\s?μ\.?|ص|ق\.?ظ\.?|上午|凌晨|早上|清晨|午前|오전|sa|sáng|öö|de\.?|dop\.?|पूर्वाह्न)$/iu;
const PM =
	/^(?:p\.?\s?m\.?|п\.?\s?п\.?|μ\.?\s?μ\.?|م|ب\.?ظ\.?|下午|晚上|中午|傍晚|午後|오후|ch|chiều|ös|du\.?|odp\.?|अपराह्न)$/iu;
const WORDS = '[^\\d\\n\\]\\[]{0,14}?';
const PATTERN = new RegExp(
	'^\\[?\\s*' +
		'(\\d{1,4})\\s?[./\\-年]\\s?(\\d{1,2})\\s?[./\\-月]\\s?(\\d{1,4})[.日]?' +
		`(${WORDS})(\\d{1,2})[:.時时](\\d{2})分?(?:[:.](\\d{2})秒?)?` +
		`(${WORDS})` +
		'(?:\\]\\s?|\\s[-–]\\s)',
	'u',
);

/** Digits of other scripts as 0 to 9; marks of direction and odd spaces away. */
export function plain(line: string): string {
	return line
		.replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, '')
		.replace(/[\u00a0\u202f\u2009]/g, ' ')
		.replace(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
		.replace(/[\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
		.replace(/[\u0966-\u096f]/g, (digit) => String(digit.charCodeAt(0) - 0x966))
		.replace(/[\u09e6-\u09ef]/g, (digit) => String(digit.charCodeAt(0) - 0x9e6));
}

/** The time at the beginning of a line and where it ends; undefined when there is none. */
export function stampOf(line: string): { stamp: Stamp; end: number } | undefined {
	const found = PATTERN.exec(line);
	if (!found) return undefined;
	const [all, a, b, c, before = '', hours, minutes, seconds, after = ''] = found;
	const half = halfOf(before) ?? halfOf(after);
	let hour = Number(hours);
	if (half === 'pm' && hour < 12) hour += 12;
	if (half === 'am' && hour === 12) hour = 0;
	const stamp = {
		date: [Number(a), Number(b), Number(c)] as [number, number, number],
		hour,
		minute: Number(minutes),
		second: Number(seconds ?? 0),
		half: half !== undefined,
	};
	if (stamp.hour > 23 || stamp.minute > 59 || stamp.second > 59) return undefined;
	return { stamp, end: all.length };
}

function halfOf(words: string): 'am' | 'pm' | undefined {
	const word = words.replace(/[,،;]/g, '').trim();
	return AM.test(word) ? 'am' : PM.test(word) ? 'pm' : undefined;
}

const ORDERS: readonly DateOrder[] = ['dmy', 'mdy', 'ymd'];

/** The order in which all dates are possible and time goes forward most; where two fit, by custom. */
export function orderOf(stamps: readonly Stamp[]): DateOrder {
	const possible = ORDERS.filter((order) => stamps.every((stamp) => localOf(stamp, order)));
	const [only] = possible;
	if (only && possible.length === 1) return only;
	const candidates = possible.length > 0 ? possible : ORDERS;
	// A chat is written in the order of time: the wrong order jumps back at every end of a month.
	const scored = candidates.map((order) => ({ order, back: stepsBack(stamps, order) }));
	const best = Math.min(...scored.map(({ back }) => back));
	const [first, ...others] = scored.filter(({ back }) => back === best).map(({ order }) => order);
	if (!first || others.length === 0) return first ?? 'dmy';
	// Only American English writes the month first, and it counts hours to twelve.
	const american = stamps.every(({ half }) => half) && [first, ...others].includes('mdy');
	return american ? 'mdy' : first;
}

function stepsBack(stamps: readonly Stamp[], order: DateOrder): number {
	let back = 0;
	let before = -Infinity;
	for (const stamp of stamps) {
		const local = localOf(stamp, order);
		const now = local ? wall(local) : -Infinity;
		if (now < before) back += 1;
		before = now;
	}
	return back;
}

/** The date in this order; undefined when there is no such day. */
export function localOf(
	{ date, hour, minute, second }: Stamp,
	order: DateOrder,
): Local | undefined {
	const [a, b, c] = date;
	const [y, month, day] = order === 'ymd' ? [a, b, c] : order === 'mdy' ? [c, a, b] : [c, b, a];
	// Years of the Buddhist era are 543 ahead.
	const year = y < 100 ? 2000 + y : y > 2400 ? y - 543 : y;
	if (year < 2009 || year > 2100 || month < 1 || month > 12 || day < 1) return undefined;
	if (day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return undefined;
	return { year, month, day, hour, minute, second };
}

/** As if it were UTC, in milliseconds. */
export const wall = ({ year, month, day, hour, minute, second }: Local): number =>
	Date.UTC(year, month - 1, day, hour, minute, second);

/** Milliseconds since the epoch of a wall clock time in a zone. */
export function instantOf(local: Local, timeZone: string): number {
	const wanted = wall(local);
	// The offset at the guess, and again at the better guess: near a change of the clocks they differ.
	const guess = wanted - offsetAt(wanted, timeZone);
	return wanted - offsetAt(guess, timeZone);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** How far the clocks of a zone are ahead of UTC, in milliseconds. */
function offsetAt(at: number, timeZone: string): number {
	let format = formats.get(timeZone);
	if (!format) {
		format = new Intl.DateTimeFormat('en-US', {
			...({ year: 'numeric', month: 'numeric', day: 'numeric' } as const),
			...({ hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23' } as const),
			timeZone,
		});
		formats.set(timeZone, format);
	}
	const part: Record<string, number> = {};
	for (const { type, value } of format.formatToParts(at)) part[type] = Number(value);
	const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
	return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1_000) * 1_000;
}
