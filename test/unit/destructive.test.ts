/** What cannot be undone: the node says so, and a language model cannot choose it. */
import { properties } from '../../nodes/WhatsAppLinked/properties';
import { RESOURCES } from '../../src/operations';

const destructive = RESOURCES.flatMap(({ operations }) => operations)
	.filter((operation) => operation.destructive)
	.map(({ resource, operation }) => [resource, operation] as const);

test.each(destructive)(
	'%s > %s says in the node that it cannot be undone',
	(resource, operation) => {
		const notices = properties.filter(
			({ type, displayOptions }) =>
				type === 'notice' &&
				displayOptions?.show?.resource?.includes(resource) &&
				displayOptions.show.operation?.includes(operation),
		);
		expect(notices.map(({ displayName }) => displayName).join(' ')).toMatch(/cannot be undone/i);
	},
);

test('which operation runs is fixed by the person who made the workflow', () => {
	const choices = properties.filter(({ name }) => name === 'resource' || name === 'operation');
	expect(choices.length).toBeGreaterThan(RESOURCES.length);
	expect(choices.every(({ noDataExpression }) => noDataExpression === true)).toBe(true);
});
