/** A month of three kinds of users; the whole comparison is `npm run simulate -- safety`. */
import { month } from '../simulate/month';
import { USERS } from '../simulate/users';

test.each(USERS.map((user) => [user.name, user] as const))(
	'%s: with the profile Careful never restricted, and answers arrive in time',
	async (_name, user) => {
		const outcome = await month(user, 'careful');
		expect(outcome.restrictedAfter).toBeNull();
		expect(outcome.repliesDelivered / outcome.replies).toBeGreaterThanOrEqual(0.9);
		expect(outcome.repliesLate).toBe(0);
		expect(outcome.delivered).toBeGreaterThan(0);
	},
);

test('a bare client that writes to strangers is restricted within days', async () => {
	const cold = USERS.find(({ name }) => name === 'cold outreach');
	const outcome = await month(cold!, 'bare');
	expect(outcome.restrictedAfter).toBeLessThan(7);
});
