import { readFileSync } from 'node:fs';
import { EVENTS_PAGE, eventsPage } from '../../scripts/docs-events';

test('docs/events.md is current (else run: node --import tsx scripts/docs-events.ts)', () => {
	expect(readFileSync(EVENTS_PAGE, 'utf8')).toBe(eventsPage());
});
