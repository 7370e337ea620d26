/** Loads what n8n loads of this package when it starts, and prints which foreign packages that brought. */
import { join } from 'node:path';

// By file name: beside each lies a JSON file of the same name, which would be found first.
const made = [
	'credentials/WhatsAppLinkedApi.credentials.ts',
	'nodes/WhatsAppLinked/WhatsAppLinked.node.ts',
	'nodes/WhatsAppLinkedTrigger/WhatsAppLinkedTrigger.node.ts',
].flatMap((file) => {
	const classes = require(join(__dirname, '../..', file)) as Record<string, new () => object>;
	return Object.values(classes).map((Class) => new Class());
});
const packages = new Set(
	Object.keys(require.cache).flatMap((file) => {
		const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
		return name ? [name] : [];
	}),
);
// Node's own list of its modules in use; not in the types.
const { moduleLoadList } = process as unknown as { moduleLoadList: string[] };
console.log(
	JSON.stringify({
		classes: made.length,
		packages: [...packages].sort(),
		sqlite: moduleLoadList.includes('NativeModule sqlite'),
	}),
);
