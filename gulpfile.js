// tsc compiles; gulp adds what tsc leaves behind: icons, codex files, and output schemas.
const { mkdirSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { src, dest, parallel } = require('gulp');

const copy = (from) => () =>
	src([`${from}/**/*.{svg,png,node.json}`], { encoding: false }).pipe(dest(`dist/${from}`));

/** The JSON schema of an example, as n8n's own nodes ship them: the editor shows it before a first run. */
function schemaOf(value) {
	if (value === null || value === undefined) return { type: 'null' };
	if (Array.isArray(value)) {
		return value.length > 0 ? { type: 'array', items: schemaOf(value[0]) } : { type: 'array' };
	}
	if (typeof value === 'number') return { type: Number.isInteger(value) ? 'integer' : 'number' };
	if (typeof value !== 'object') return { type: typeof value };
	const properties = Object.entries(value).map(([name, each]) => [name, schemaOf(each)]);
	return { type: 'object', properties: Object.fromEntries(properties) };
}

function write(file, sample) {
	const item = Array.isArray(sample) ? sample[0] : sample;
	mkdirSync(path.dirname(file), { recursive: true });
	writeFileSync(file, JSON.stringify({ ...schemaOf(item ?? {}), version: 1 }));
}

/** From the samples of the definitions, where n8n looks for them. */
function schemas(done) {
	const { RESOURCES } = require('./dist/src/operations');
	const { findEvent } = require('./dist/src/events');
	for (const { value, operations } of RESOURCES) {
		for (const { operation, sample } of operations) {
			write(`dist/nodes/WhatsAppLinked/__schema__/v1.0.0/${value}/${operation}.json`, sample);
		}
	}
	// The trigger has one for all events: that of the usual one.
	const { sample } = findEvent('message.received');
	write('dist/nodes/WhatsAppLinkedTrigger/__schema__/v1.0.0.json', sample);
	done();
}

exports.assets = parallel(copy('nodes'), copy('credentials'), schemas);
