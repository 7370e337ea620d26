// n8n's own rules for community nodes on what we ship, typescript-eslint's on everything.
// A rule that cannot hold here is switched off alone, with its reason beside it.
import js from '@eslint/js';
import { n8nCommunityNodesPlugin } from '@n8n/eslint-plugin-community-nodes';
import n8nNodesBase from 'eslint-plugin-n8n-nodes-base';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const SHIPPED = ['nodes/**/*.ts', 'credentials/**/*.ts', 'src/**/*.ts'];

const nodeGlobals = Object.fromEntries(
	['console', 'process', 'fetch', 'URL', 'Buffer', 'AbortController', 'AbortSignal', 'performance']
		.concat(['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate'])
		.concat(['structuredClone', 'TextEncoder', 'TextDecoder', 'queueMicrotask'])
		.map((name) => [name, 'readonly']),
);

export default defineConfig(
	globalIgnores(['dist/', '.cache/', 'coverage/', 'test/n8n/host/node_modules/']),
	{ linterOptions: { reportUnusedDisableDirectives: 'error' } },

	// Every TypeScript file, type-checked where the check is cheap and the mistake is costly.
	{
		files: ['**/*.ts'],
		extends: [js.configs.recommended, tseslint.configs.recommended],
		languageOptions: {
			parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
		},
		rules: {
			'no-undef': 'off', // TypeScript does this, and knows types
			eqeqeq: ['error', 'always', { null: 'ignore' }],
			'@typescript-eslint/await-thenable': 'error',
			'@typescript-eslint/consistent-type-imports': [
				'error',
				// import() types are how a CommonJS file names types of an ESM package.
				{ disallowTypeAnnotations: false },
			],
			'@typescript-eslint/no-explicit-any': 'error',
			'@typescript-eslint/no-floating-promises': 'error',
			'@typescript-eslint/no-misused-promises': [
				'error',
				// Event emitters and sockets take handlers that return nothing; an async handler there
				// must catch for itself, which no-floating-promises inside it already asks for.
				{ checksVoidReturn: { arguments: false, attributes: false, properties: false } },
			],
			'@typescript-eslint/no-unused-vars': [
				'error',
				{ argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
			],
			'@typescript-eslint/only-throw-error': 'error',
			'@typescript-eslint/switch-exhaustiveness-check': [
				'error',
				{ considerDefaultExhaustiveForUnions: true },
			],
		},
	},

	// What users install.
	{
		files: SHIPPED,
		extends: [n8nCommunityNodesPlugin.configs.recommendedWithoutN8nCloudSupport],
		rules: {
			'no-console': 'error',
			// No home page is published; package.json would have to invent one.
			'@n8n/community-nodes/require-homepage': 'off',
			// It wants NodeApiError or NodeOperationError in every catch. Below nodes/ errors are
			// LinkedError from the one catalogue; nodes/ turns them into NodeOperationError.
			'@n8n/community-nodes/require-node-api-error': 'off',
		},
	},
	{
		files: ['nodes/**/*.ts', 'src/operations/**/*.ts', 'src/events/**/*.ts'],
		plugins: { 'n8n-nodes-base': n8nNodesBase },
		rules: {
			...n8nNodesBase.configs.nodes.rules,
			// n8n's own starter switches these off: they know the string 'main' only, not
			// NodeConnectionTypes.Main, which the community rules ask for.
			'n8n-nodes-base/node-class-description-inputs-wrong-regular-node': 'off',
			'n8n-nodes-base/node-class-description-inputs-wrong-trigger-node': 'off',
			'n8n-nodes-base/node-class-description-outputs-wrong': 'off',
			// Forbids an upper bound on Limit, which the starter allows too: WhatsApp has real bounds.
			'n8n-nodes-base/node-param-type-options-max-value-present': 'off',
		},
	},
	{
		files: ['credentials/**/*.ts'],
		plugins: { 'n8n-nodes-base': n8nNodesBase },
		rules: {
			...n8nNodesBase.configs.credentials.rules,
			// For n8n's main repository only; a community credential has a full address there, which
			// cred-class-field-documentation-url-not-http-url asks for.
			'n8n-nodes-base/cred-class-field-documentation-url-miscased': 'off',
			// The test is the node's (testedBy: 'linkNumber'), whose description stands in a file of its
			// own; the rule looks into *.node.ts only. The browser tests press Save and Retry.
			'@n8n/community-nodes/credential-test-required': 'off',
			// It goes by names. The address of a Redis and of a proxy may hold a password.
			'@n8n/community-nodes/credential-unnecessary-password': 'off',
		},
	},
	{
		files: ['package.json'],
		plugins: {
			'n8n-nodes-base': n8nNodesBase,
			'@n8n/community-nodes': n8nCommunityNodesPlugin,
		},
		// As n8n's own lint does it: a JSON file read as one TypeScript expression.
		languageOptions: {
			parser: tseslint.parser,
			parserOptions: { extraFileExtensions: ['.json'] },
		},
		rules: {
			...n8nNodesBase.configs.community.rules,
			...n8nCommunityNodesPlugin.configs.recommendedWithoutN8nCloudSupport.rules,
			// Baileys runs inside n8n: without dependencies there is no product. This is why the
			// package is for self-hosted n8n and cannot be a verified one.
			'@n8n/community-nodes/no-runtime-dependencies': 'off',
			'@n8n/community-nodes/require-homepage': 'off', // see above
		},
	},

	// Tests may be short about shapes that they only pass through, but not hide them.
	{
		files: ['test/**/*.ts'],
		rules: {
			'@typescript-eslint/no-require-imports': 'off', // jest mocks and n8n-core's CommonJS
		},
	},

	// Build and command scripts.
	{
		files: ['**/*.mjs'],
		extends: [js.configs.recommended],
		languageOptions: { globals: nodeGlobals },
	},
	{
		files: ['*.js'],
		extends: [js.configs.recommended],
		languageOptions: {
			sourceType: 'commonjs',
			globals: {
				...nodeGlobals,
				require: 'readonly',
				module: 'writable',
				exports: 'writable',
				__dirname: 'readonly',
			},
		},
	},
);
