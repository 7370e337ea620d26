/** Programs of the system that the tests use: real databases and a real browser. */
import fs from 'node:fs';
import { childEnv, Explained, outputOf, run } from './processes.mjs';

const PROGRAMS = [
	{
		name: 'Redis server',
		commands: ['redis-server'],
		debian: 'redis-server',
		brew: 'redis',
	},
	{
		name: 'PostgreSQL server',
		// Debian keeps it off the path.
		commands: ['postgres', ...debianPostgres()],
		debian: 'postgresql',
		brew: 'postgresql',
	},
	{
		name: 'Chromium',
		commands: [
			process.env.CHROMIUM_PATH,
			'/usr/bin/chromium',
			'chromium',
			'chromium-browser',
			'google-chrome',
			'/Applications/Chromium.app/Contents/MacOS/Chromium',
			'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
		],
		debian: 'chromium',
		brew: '--cask chromium',
	},
];

function debianPostgres() {
	const folder = '/usr/lib/postgresql';
	if (!fs.existsSync(folder)) return [];
	return fs.readdirSync(folder).map((version) => `${folder}/${version}/bin/postgres`);
}

const which = (command) => {
	if (!command) return undefined;
	if (command.includes('/')) return fs.existsSync(command) ? command : undefined;
	return outputOf('sh', ['-c', `command -v ${command}`]);
};

const missing = () => PROGRAMS.filter(({ commands }) => !commands.some(which));

/** Installs what is missing through apt-get; elsewhere says what to install. */
export async function systemPrograms() {
	const wanted = missing();
	if (wanted.length === 0) return;
	const names = wanted.map(({ name }) => name).join(', ');
	const apt = which('apt-get');
	const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
	if (!apt || (asRoot.length > 0 && outputOf('sudo', ['-n', 'true']) === undefined)) {
		throw new Explained(
			`The tests need ${names}. Install with ${
				apt
					? `sudo apt-get install ${wanted.map(({ debian }) => debian).join(' ')}`
					: `your package manager (Homebrew: ${wanted.map(({ brew }) => `brew install ${brew}`).join('; ')})`
			} and start again. A Chromium elsewhere is found through CHROMIUM_PATH.`,
		);
	}
	console.log(`  apt-get install ${wanted.map(({ debian }) => debian).join(' ')}`);
	const env = childEnv({ DEBIAN_FRONTEND: 'noninteractive' });
	const install = (args, log) => {
		const [command, ...rest] = [...asRoot, 'apt-get', ...args];
		return run(command, rest, {
			env,
			log,
			what: `apt-get ${args[0]}`,
			help: `Install ${names} by hand and start again.`,
		});
	};
	await install(['update'], 'apt-get-update');
	await install(
		['install', '-y', '--no-install-recommends', ...wanted.map(({ debian }) => debian)],
		'apt-get-install',
	);
}
