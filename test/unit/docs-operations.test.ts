import { readFileSync } from 'node:fs';
import { OPERATIONS_PAGE, operationsPage } from '../../scripts/docs-operations';

test('docs/operations.md is current (else run: node --import tsx scripts/docs-operations.ts)', () => {
	expect(readFileSync(OPERATIONS_PAGE, 'utf8')).toBe(operationsPage());
});
