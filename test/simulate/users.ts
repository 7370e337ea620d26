/** Three kinds of users, each with what happens to them and what they want to send in a month. */
export interface Wish {
	to: string;
	text: string;
	/** An answer to somebody who has just written. */
	reply: boolean;
}

/** What a user does and meets; drawn anew from the same seed for every client. */
export interface World {
	/** Milliseconds since the epoch at which the month begins. */
	start: number;
	now(): number;
	random(): number;
	at(time: number, task: () => void): void;
	/** Somebody writes; `then` is wanted at once. */
	write(from: string, then?: Wish): void;
	/** Something is wanted. Calls back when it was delivered. */
	want(wish: Wish, delivered?: () => void): void;
	/** Somebody reports the account. */
	report(): void;
}

export interface User {
	name: string;
	live(world: World): void;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const DAYS = 30;

let people = 0;
const person = (name: string) => `${name}${++people}`;

/** People write, a bot answers; now and then a customer who is not known yet is written to. */
const supportDesk: User = {
	name: 'support desk',
	live(world) {
		for (let day = 0; day < DAYS; day++) {
			const morning = world.start + day * DAY + 8 * HOUR;
			for (let n = 0; n < 40; n++) {
				const customer = person('customer');
				let time = morning + world.random() * 10 * HOUR;
				for (let turn = 0; turn < 2 + Math.floor(world.random() * 2); turn++) {
					const reply = { to: customer, text: `answer ${people}/${turn}`, reply: true };
					world.at(time, () => world.write(customer, reply));
					time += MINUTE + world.random() * 10 * MINUTE;
				}
				if (world.random() < 0.3) {
					const text = `how was it? ${people}`;
					world.at(time + 2 * DAY, () => world.want({ to: customer, text, reply: false }));
				}
			}
			for (let n = 0; n < 2; n++) {
				const fresh = person('fresh');
				world.at(morning + world.random() * 8 * HOUR, () =>
					begin(world, fresh, `your order is ready ${fresh}`, { answers: 0.6, reports: 0.001 }),
				);
			}
		}
	},
};

/** Every second day the same text to 150 subscribers, most of whom have written before. */
const newsletter: User = {
	name: 'newsletter',
	live(world) {
		const old = Array.from({ length: 110 }, () => person('reader'));
		const never = Array.from({ length: 40 }, () => person('unknown'));
		for (const reader of old) world.at(world.start, () => world.write(reader));
		for (let day = 1; day < DAYS; day += 2) {
			const issue = `issue ${day}`;
			world.at(world.start + day * DAY + 9 * HOUR, () => {
				for (const to of old) {
					world.want({ to, text: issue, reply: false }, () => {
						if (world.random() < 0.05) comeBack(world, to, issue);
					});
				}
				for (const to of never) begin(world, to, issue, { answers: 0.05, reports: 0.01 });
			});
		}
	},
};

/** Sixty strangers a day, few of whom answer. */
const coldOutreach: User = {
	name: 'cold outreach',
	live(world) {
		for (let day = 0; day < DAYS; day++) {
			for (let n = 0; n < 60; n++) {
				const lead = person('lead');
				const time = world.start + day * DAY + 9 * HOUR + world.random() * 8 * HOUR;
				const text = `Hello ${lead}, have a look`;
				world.at(time, () => begin(world, lead, text, { answers: 0.08, reports: 0.015 }));
			}
		}
	},
};

export const USERS: readonly User[] = [supportDesk, newsletter, coldOutreach];

function begin(
	world: World,
	to: string,
	text: string,
	odds: { answers: number; reports: number },
): void {
	world.want({ to, text, reply: false }, () => {
		if (world.random() < odds.reports) world.report();
		else if (world.random() < odds.answers) comeBack(world, to, text);
	});
}

function comeBack(world: World, from: string, about: string): void {
	const reply = { to: from, text: `thanks for asking about ${about}, ${from}`, reply: true };
	world.at(world.now() + world.random() * 6 * HOUR, () => world.write(from, reply));
}
