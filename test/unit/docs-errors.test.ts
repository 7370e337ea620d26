import { readFileSync } from 'node:fs';
import { ERRORS_PAGE, errorsPage } from '../../scripts/docs-errors';

test('docs/troubleshooting.md is current (else run: node --import tsx scripts/docs-errors.ts)', () => {
	expect(readFileSync(ERRORS_PAGE, 'utf8')).toBe(errorsPage());
});
