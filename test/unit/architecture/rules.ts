/** What the folder names promise: which room may import from which. */
import { builtinModules } from 'node:module';
import type { Import } from './imports';

export interface Rule {
	name: string;
	/** The imports that break it. */
	broken: (imports: Import[]) => Import[];
}

/** The room of a file: its folder below src, the file itself at the top of src, else its folder. */
export const roomOf = (file: string): string => {
	const [top, second] = file.split('/');
	return top === 'src' ? second!.replace(/\.ts$/, '') : top!;
};

const ours = ({ to }: Import): boolean => /^(src|nodes|credentials|test|index)(\/|\b)/.test(to);
const within = (room: string) => (each: Import) => roomOf(each.from) === room;
const backendOf = (file: string) => /^src\/storage\/([^/]+)\//.exec(file)?.[1];

/** Drivers of storage and transport, and the one place that may know them. */
const DRIVERS: Array<{ driver: RegExp; home: RegExp }> = [
	{ driver: /^node:sqlite$/, home: /^src\/storage\/sqlite\// },
	{ driver: /^(@redis\/client|@keyv\/redis|ioredis)$/, home: /^src\/storage\/redis\// },
	{ driver: /^bullmq$/, home: /^src\/ownership\// },
];

export const rules = (dependencies: string[]): Rule[] => [
	{
		name: 'nodes and credentials import only runtime, operations, events and errors; credentials their fields, too',
		broken: (imports) =>
			imports.filter(
				(each) =>
					['nodes', 'credentials'].includes(roomOf(each.from)) &&
					ours(each) &&
					![roomOf(each.from), 'runtime', 'operations', 'events', 'errors'].includes(
						roomOf(each.to),
					) &&
					!(
						roomOf(each.from) === 'credentials' &&
						/^src\/(safety|history)\/fields\.ts$/.test(each.to)
					),
			),
	},
	{
		name: 'session never imports inbound or outbound',
		broken: (imports) =>
			imports
				.filter(within('session'))
				.filter(({ to }) => ['inbound', 'outbound'].includes(roomOf(to))),
	},
	{
		name: 'a storage backend imports no other backend',
		broken: (imports) =>
			imports.filter(({ from, to }) => {
				const own = backendOf(from);
				const other = backendOf(to);
				return own !== undefined && other !== undefined && own !== other;
			}),
	},
	{
		name: 'a driver is imported only where it is wrapped',
		broken: (imports) =>
			imports.filter(({ from, to }) =>
				DRIVERS.some(({ driver, home }) => driver.test(to) && !home.test(from)),
			),
	},
	...['wa', 'errors', 'log', 'clock'].map((room) => ({
		name: `${room} imports nothing of ours`,
		broken: (imports: Import[]) =>
			imports.filter(within(room)).filter((each) => ours(each) && roomOf(each.to) !== room),
	})),
	{
		name: 'nothing that ships imports test',
		broken: (imports) => imports.filter(({ to }) => roomOf(to) === 'test'),
	},
	{
		name: 'Baileys is loaded in src/baileys.ts only; elsewhere only its types are named',
		broken: (imports) =>
			imports.filter(
				({ from, to, typeOnly }) =>
					to === '@whiskeysockets/baileys' && !typeOnly && from !== 'src/baileys.ts',
			),
	},
	{
		name: 'every package that is imported is one that users install',
		broken: (imports) =>
			imports.filter(
				(each) =>
					!ours(each) &&
					!each.to.startsWith('node:') &&
					!builtinModules.includes(each.to) &&
					!dependencies.includes(each.to),
			),
	},
	{
		name: 'Node’s own modules are named with node:',
		broken: (imports) =>
			imports.filter(({ to }) => !to.startsWith('node:') && builtinModules.includes(to)),
	},
];

/** Groups of files that import each other in a circle at run time, each as one line. */
export function circles(imports: Import[]): string[] {
	const next = new Map<string, string[]>();
	for (const { from, to, typeOnly } of imports) {
		if (!typeOnly) next.set(from, [...(next.get(from) ?? []), to]);
	}
	const found: string[] = [];
	const done = new Set<string>();
	const walk = (file: string, trail: string[]): void => {
		const at = trail.indexOf(file);
		if (at >= 0) {
			found.push([...trail.slice(at), file].join(' -> '));
			return;
		}
		if (done.has(file)) return;
		for (const target of next.get(file) ?? []) walk(target, [...trail, file]);
		done.add(file);
	};
	for (const file of next.keys()) walk(file, []);
	return found;
}
