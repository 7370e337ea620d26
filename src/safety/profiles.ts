/**
 * The profiles. WhatsApp publishes no numbers; ours come from what people report (restrictions after
 * 15 to 20 unsaved people a day) and leave a margin. docs/safety.md says the same for users.
 */
import type { Limits, ProfileName } from './types';

/** For most people: answers flow, new conversations are few. */
export const CAREFUL: Limits = {
	newPerHour: 4,
	newPerDay: 10,
	unansweredPerPerson: 2,
	unansweredPerContact: 10,
	unansweredTotal: 100,
	sameText: 50,
	warmUpDays: 7,
	rampSeconds: 60,
	pause: { reply: 0.25, known: 1, new: 20 },
	typingSpeed: 60,
	typingMost: 2,
	capReserve: 0.2,
	refusedHours: 24,
	refusedPeople: 3,
};

/** For numbers that WhatsApp has known for long and that people expect to hear from. */
export const BALANCED: Limits = {
	...CAREFUL,
	newPerHour: 10,
	newPerDay: 30,
	unansweredPerPerson: 4,
	unansweredPerContact: 30,
	unansweredTotal: 300,
	sameText: 200,
	warmUpDays: 3,
	rampSeconds: 20,
	pause: { reply: 0.1, known: 0.4, new: 8 },
	typingSpeed: 120,
	typingMost: 1,
	capReserve: 0.1,
	refusedHours: 12,
};

/** No limits of ours. What WhatsApp itself says still counts. */
export const OFF: Limits = {
	newPerHour: Infinity,
	newPerDay: Infinity,
	unansweredPerPerson: Infinity,
	unansweredPerContact: Infinity,
	unansweredTotal: Infinity,
	sameText: Infinity,
	warmUpDays: 0,
	rampSeconds: 0,
	pause: { reply: 0, known: 0, new: 0 },
	typingSpeed: 0,
	typingMost: 0,
	capReserve: 0,
	refusedHours: 12,
	refusedPeople: 3,
};

export const PROFILES: Readonly<Record<ProfileName, Limits>> = {
	careful: CAREFUL,
	balanced: BALANCED,
	off: OFF,
};
