// Four suites: pure code, storage contracts, the stand-in WhatsApp server, a real n8n.
// Baileys is ESM, so jest runs with --experimental-vm-modules (package.json, "jest" script).
/** @type {(name: string, extra?: object) => object} */
const suite = (name, extra = {}) => ({
	displayName: name,
	rootDir: __dirname,
	testEnvironment: 'node',
	setupFiles: ['<rootDir>/test/helpers/realm.js'],
	testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
	modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.cache'],
	transform: {
		'\\.ts$': [
			'@swc/jest',
			{
				jsc: { target: 'es2023', parser: { syntax: 'typescript', decorators: true } },
				// import() must stay, or Baileys (ESM) could not be loaded.
				module: { type: 'commonjs', ignoreDynamic: true },
				sourceMaps: 'inline',
			},
		],
	},
	...extra,
});

module.exports = {
	projects: [
		suite('unit'),
		suite('contract'),
		suite('socket'),
		// Builds, packs and installs first, so that the real n8n runs the present sources.
		suite('n8n', { globalSetup: '<rootDir>/test/n8n/harness/install.ts' }),
	],
	testTimeout: 60_000,
	workerIdleMemoryLimit: '1500MB',
};
