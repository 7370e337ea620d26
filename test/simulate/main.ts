/** `npm run simulate -- <name>` runs test/simulate/<name>.ts. */
import { run } from './safety';

const SIMULATIONS: Readonly<Record<string, () => Promise<void>>> = { safety: run };

const simulate = SIMULATIONS[process.argv[2] ?? ''];
if (!simulate) {
	console.error(`Say which: npm run simulate -- ${Object.keys(SIMULATIONS).join(' | ')}`);
	process.exit(1);
}
void simulate().then(() => process.exit(0));
