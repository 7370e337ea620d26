/** The last thirty days as a picture: what was sent to whom, and the numbers that matter. */
import { letters, type Lettering } from './letters';
import { DAYS, signalsOf, type ReportInput } from './report';
import type { Counts } from './tally';
import { verdictOf, type Verdict } from './verdict';

const WIDTH = 960;
const HEIGHT = 540;
const CHART = { left: 70, right: WIDTH - 30, top: 230, bottom: 460 };

const INK = '#1f2937';
const SOFT = '#6b7280';
const COLORS = { answers: '#22a06b', known: '#4c7dd9', fresh: '#e8923a', refused: '#d64545' };
const VERDICTS: Readonly<Record<Verdict, string>> = {
	good: '#22a06b',
	caution: '#c98a12',
	danger: '#d64545',
	restricted: '#8e2f2f',
};

const small: Lettering = { dot: 2, color: SOFT };

/** The picture as SVG; text in it is drawn as shapes. */
export function pictureOf(input: ReportInput): string {
	const signals = signalsOf(input);
	const { verdict } = verdictOf(signals);
	const { month } = signals;
	const { cap } = input.account;
	const share = (part: number, whole: number) =>
		whole > 0 ? `${Math.round((100 * part) / whole)} %` : '-';
	const quota = cap && cap.quota !== null && cap.used !== null ? `${cap.used} / ${cap.quota}` : '-';
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">`,
		`<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
		letters('Account safety, last 30 days', 30, 30, { dot: 3, color: INK }),
		`<rect x="${WIDTH - 230}" y="20" width="200" height="42" rx="21" fill="${VERDICTS[verdict]}"/>`,
		letters(verdict, WIDTH - 130, 31, { dot: 3, color: '#ffffff', align: 'middle' }),
		tile(0, 'reply rate', share(month.answered, month.begun)),
		tile(1, 'unanswered', share(month.unanswered, month.toPeople)),
		tile(2, 'new chats', String(month.begun)),
		tile(3, 'refused', String(month.restricted)),
		tile(4, 'WhatsApp cap', quota),
		chart(input),
		legend(),
		'</svg>',
	].join('\n');
}

/** @returns PNG */
export async function drawPicture(input: ReportInput): Promise<Buffer> {
	const { default: sharp } = await import('sharp');
	return await sharp(Buffer.from(pictureOf(input)))
		.png({ compressionLevel: 9 })
		.toBuffer();
}

function tile(place: number, name: string, value: string): string {
	const width = 172;
	const x = 30 + place * (width + 10);
	return [
		`<rect x="${x}" y="88" width="${width}" height="96" rx="8" fill="#f3f4f6"/>`,
		letters(name, x + 14, 104, small),
		letters(value, x + 14, 140, { dot: value.length > 6 ? 2.6 : 4, color: INK }),
	].join('\n');
}

function chart({ tally, now }: ReportInput): string {
	const days = tally.byDay(DAYS, now);
	const most = niceTop(Math.max(1, ...days.map(({ counts }) => counts.toPeople)));
	const { left, right, top, bottom } = CHART;
	const step = (right - left) / days.length;
	const height = (count: number) => ((bottom - top) * count) / most;
	const parts: string[] = [];
	for (const line of [0, 0.5, 1]) {
		const y = bottom - height(most * line);
		parts.push(`<path d="M${left} ${y}H${right}" stroke="#e5e7eb" stroke-width="1"/>`);
		parts.push(
			letters(String(Math.round(most * line)), left - 10, y - 7, { ...small, align: 'right' }),
		);
	}
	for (const [index, { at, counts }] of days.entries()) {
		const x = left + index * step;
		let y = bottom;
		for (const [color, count] of stack(counts)) {
			if (count <= 0) continue;
			y -= height(count);
			parts.push(
				`<rect x="${x + 2}" y="${y}" width="${step - 4}" height="${height(count)}" fill="${color}"/>`,
			);
		}
		if (counts.restricted > 0) {
			parts.push(`<circle cx="${x + step / 2}" cy="${y - 8}" r="5" fill="${COLORS.refused}"/>`);
		}
		if (index % 7 === 1) {
			const day = new Date(at).toISOString().slice(5, 10);
			parts.push(letters(day, x + step / 2, bottom + 10, { ...small, align: 'middle' }));
		}
	}
	return parts.join('\n');
}

/** Answers, messages to people who know the number, and those to people who have never written. */
function stack({ toPeople, replies, unanswered, begun }: Counts): Array<[string, number]> {
	const fresh = Math.min(toPeople - replies, Math.max(unanswered, begun));
	return [
		[COLORS.answers, replies],
		[COLORS.known, toPeople - replies - fresh],
		[COLORS.fresh, fresh],
	];
}

function legend(): string {
	const entries: Array<[string, string]> = [
		[COLORS.answers, 'answers'],
		[COLORS.known, 'to people who know you'],
		[COLORS.fresh, 'new or unanswered'],
		[COLORS.refused, 'refused'],
	];
	let x = CHART.left;
	return entries
		.map(([color, name]) => {
			const box = `<rect x="${x}" y="500" width="14" height="14" rx="3" fill="${color}"/>`;
			const text = letters(name, x + 22, 500, small);
			x += 22 + name.length * 12 + 26;
			return box + text;
		})
		.join('\n');
}

/** 1, 2, 5, 10, 20 ... */
function niceTop(most: number): number {
	const power = 10 ** Math.floor(Math.log10(most));
	return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= most) ?? most;
}
