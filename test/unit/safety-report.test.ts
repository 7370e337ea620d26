/** The report: rates, verdicts and the picture. */
import sharp from 'sharp';
import { noAccount } from '../../src/safety/record';
import { drawPicture, pictureOf } from '../../src/safety/picture';
import { CAREFUL } from '../../src/safety/profiles';
import { reportOf, type ReportInput } from '../../src/safety/report';
import { Shelf } from '../../src/safety/shelf';
import { Tally, type Count } from '../../src/safety/tally';
import { DAY, HOUR, type AccountFacts } from '../../src/safety/types';
import { createSealer } from '../../src/auth';
import { silentLog } from '../../src/log';
import { openStorage } from '../../src/storage/open';
import { manualClock } from '../helpers/storage';

const NOW = Date.UTC(2026, 10, 23, 9, 30);

function input(account: Partial<AccountFacts> = {}): ReportInput {
	const clock = manualClock(NOW);
	const { facts } = openStorage({ kind: 'memory' }, { clock, log: silentLog }).account('a');
	const shelf = new Shelf({
		facts,
		sealer: createSealer('secret', 'a'),
		fence: () => undefined,
		clock,
		log: silentLog,
	});
	return {
		account: { ...noAccount(NOW - 60 * DAY), ...account },
		tally: new Tally(shelf),
		settings: {
			profile: 'careful',
			limits: CAREFUL,
			onlyReplies: false,
			recipients: 'anyone',
			list: [],
		},
		now: NOW,
	};
}

const add = ({ tally }: ReportInput, name: Count, count: number, daysAgo = 0) =>
	tally.count(name, NOW - daysAgo * DAY, NOW, count);

test('rates compare like with like, over a day, a week and a month', () => {
	const given = input();
	add(given, 'toPeople', 10);
	add(given, 'delivered', 9);
	add(given, 'read', 5);
	add(given, 'toPeople', 10, 5);
	add(given, 'delivered', 10, 5);
	add(given, 'begun', 8, 5);
	add(given, 'answered', 4, 5);
	add(given, 'toPeople', 20, 20);
	add(given, 'unanswered', 10, 20);
	const report = reportOf(given);
	expect(report.last24Hours).toMatchObject({
		sentToPeople: 10,
		deliveredRate: 0.9,
		readRate: 0.5,
		replyRate: null,
	});
	expect(report.last7Days).toMatchObject({ sentToPeople: 20, replyRate: 0.5 });
	expect(report.last30Days).toMatchObject({ sentToPeople: 40, unansweredShare: 0.25 });
	expect(report.verdict).toBe('good');
});

test.each<[string, Partial<AccountFacts>, string, RegExp]>([
	['nothing', {}, 'good', /Nothing points/],
	[
		'a timelock',
		{ timelock: { active: true, until: NOW + HOUR, at: NOW } },
		'restricted',
		/may not|not let/,
	],
	[
		'a cap that is used up',
		{ cap: { level: 'CAPPED', quota: 10, used: 10, cycleEnds: NOW + DAY, at: NOW } },
		'restricted',
		/used up/,
	],
	[
		'a second warning',
		{ cap: { level: 'SECOND_WARNING', quota: 10, used: 9, cycleEnds: NOW + DAY, at: NOW } },
		'danger',
		/warned this number twice/,
	],
	['many unanswered messages', { unansweredByDay: { '2026-11-20': 95 } }, 'danger', /95 messages/],
	['a rest', { pausedUntil: NOW + HOUR }, 'restricted', /rests/],
])('%s', (_name, account, verdict, summary) => {
	const report = reportOf(input(account));
	expect(report.verdict).toBe(verdict);
	expect(report.summary).toMatch(summary);
	if (verdict !== 'good') expect(report.advice).not.toEqual([]);
});

test('few answers to many new conversations', () => {
	const given = input();
	add(given, 'begun', 30, 3);
	add(given, 'answered', 2, 3);
	expect(reportOf(given)).toMatchObject({ verdict: 'danger' });
});

test('the picture shows text without any font', async () => {
	const given = input();
	for (let day = 0; day < 30; day++) {
		add(given, 'toPeople', 20 + (day % 7) * 5, day);
		add(given, 'replies', 12 + (day % 5) * 4, day);
		add(given, 'unanswered', day % 4, day);
		add(given, 'begun', day % 4, day);
	}
	add(given, 'restricted', 1, 4);
	expect(pictureOf(given)).not.toContain('<text');
	const png = await drawPicture(given);
	if (process.env.KEEP_PICTURE) await sharp(png).toFile(process.env.KEEP_PICTURE);
	const { width, height, format } = await sharp(png).metadata();
	expect({ width, height, format }).toEqual({ width: 960, height: 540, format: 'png' });
	// The title's letters are there.
	const { data } = await sharp(png)
		.extract({ left: 30, top: 30, width: 400, height: 21 })
		.greyscale()
		.raw()
		.toBuffer({ resolveWithObject: true });
	expect(data.filter((value) => value < 128).length).toBeGreaterThan(500);
});
