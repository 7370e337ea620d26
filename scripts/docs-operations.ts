/**
 * Writes docs/operations.md from the operation registry: `node --import tsx scripts/docs-operations.ts`.
 * test/unit/docs-operations.test.ts fails when the page is not current.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodeProperties } from 'n8n-workflow';
import { RESOURCES, type AnyOperation } from '../src/operations';

export const OPERATIONS_PAGE = join(__dirname, '../docs/operations.md');

/** One line for a table: no line breaks, no bars, no HTML. */
const cell = (text: string) =>
	text
		.replace(/<[^>]+>/g, '')
		.replace(/\s*\n\s*/g, ' ')
		.replace(/\|/g, '\\|');

function fieldRows(fields: INodeProperties[], prefix = ''): string[] {
	return fields.flatMap((field) => {
		if (field.type === 'notice' || field.type === 'hidden') return [];
		const name = `${prefix}${field.displayName}`;
		const choices = (field.options ?? []).flatMap((option) =>
			'value' in option ? [option.name] : [],
		);
		const about = [
			field.description ?? field.hint ?? '',
			choices.length > 0 ? `One of: ${choices.join(', ')}.` : '',
		]
			.filter((part) => part !== '')
			.join(' ');
		const inner = (field.options ?? []).flatMap((option) => {
			if ('values' in option) return fieldRows(option.values, `${name} > `);
			return 'type' in option ? fieldRows([option], `${name} > `) : [];
		});
		return [`| ${cell(name)} | ${field.required ? 'yes' : ''} | ${cell(about)} |`, ...inner];
	});
}

function section(operation: AnyOperation): string {
	const rows = fieldRows(operation.fields);
	const parts = [`### ${operation.name}`, `${operation.description}.`.replace(/\.\.$/, '.')];
	if (operation.destructive) parts.push('**It cannot be undone.**');
	if (rows.length > 0) {
		parts.push(['| Field | Required | What it is |', '| --- | --- | --- |', ...rows].join('\n'));
	}
	if (operation.sends) {
		parts.push('Beside these it has the [Safety options](safety.md#in-the-node).');
	}
	parts.push('Output:', ['```json', JSON.stringify(operation.sample, null, 2), '```'].join('\n'));
	return parts.join('\n\n');
}

/** The whole page. */
export function operationsPage(): string {
	const parts = [
		'# Operations',
		'Everything that the **WhatsApp Linked Device** node does. This page is made from the definitions in' +
			'\n`src/operations`; change it there.',
		'As the tool of an AI agent the node does the one operation that is picked in it: a model can fill its' +
			'\nfields, but not choose another operation. So what **cannot be undone** is off for agents until you pick' +
			'\nit; put a human review between agent and tool to be asked each time.',
	];
	for (const { name, operations } of RESOURCES) {
		parts.push(`## ${name}`);
		parts.push(...[...operations].sort((a, b) => a.name.localeCompare(b.name)).map(section));
	}
	return `${parts.join('\n\n')}\n`;
}

if (require.main === module) writeFileSync(OPERATIONS_PAGE, operationsPage());
