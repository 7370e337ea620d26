/**
 * Writes into n8n's database that the package is installed, as n8n's installer does after loading
 * it, so that Settings > Community nodes lists it. Runs under Node 24 (node:sqlite) while n8n is
 * stopped.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HOME, HOST, PACKAGE } from './paths.mjs';

// The package's one peer, where n8n would find it.
process.env.NODE_PATH = path.join(HOST, 'node_modules');
createRequire(import.meta.url)('node:module')._initPaths();

const require = createRequire(path.join(PACKAGE, 'package.json'));
const { name, version, author, n8n } = require('./package.json');

const nodes = n8n.nodes.map((file) => {
	const NodeType = Object.values(require(`./${file}`))[0];
	const { description } = new NodeType();
	const latest = [description.version].flat().at(-1);
	return { type: `${name}.${description.name}`, displayName: description.displayName, latest };
});

// As n8n writes it. The table's own default is not a date but the text of an SQL expression.
const now = new Date().toISOString().replace('T', ' ').replace('Z', '');

const database = new DatabaseSync(path.join(HOME, '.n8n', 'database.sqlite'));
database.exec('BEGIN');
database.prepare('DELETE FROM installed_nodes WHERE package = ?').run(name);
database.prepare('DELETE FROM installed_packages WHERE packageName = ?').run(name);
database
	.prepare(
		'INSERT INTO installed_packages (packageName, installedVersion, authorName, authorEmail, createdAt, updatedAt) VALUES (?, ?, ?, ?, ?, ?)',
	)
	.run(name, version, author.name, author.email, now, now);
for (const { type, displayName, latest } of nodes) {
	database
		.prepare('INSERT INTO installed_nodes (name, type, latestVersion, package) VALUES (?, ?, ?, ?)')
		.run(displayName, type, latest, name);
}
database.exec('COMMIT');
database.close();
