/** Reads which file of the product imports what, with TypeScript's own parser. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

export const ROOT = path.resolve(__dirname, '../../..');

export interface Import {
	/** The importing file, relative to the repository, with forward slashes. */
	from: string;
	/** The imported file likewise, or the name of a package or of a part of Node (`node:fs`). */
	to: string;
	/** Only types are imported: nothing of it is left at run time. */
	typeOnly: boolean;
}

/** Every import of every TypeScript file below the folders. */
export function importsOf(folders: string[]): Import[] {
	return folders.flatMap(filesIn).flatMap((file) => importsOfFile(file));
}

const filesIn = (folder: string): string[] =>
	readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
		.map((entry) => relative(path.join(entry.parentPath, entry.name)));

const relative = (file: string) => path.relative(ROOT, file).split(path.sep).join('/');

/** The imports of one file; the rules' own test hands in a text as if it stood there. */
export function importsOfFile(file: string, text = readFileSync(path.join(ROOT, file), 'utf8')) {
	const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
	const found: Import[] = [];
	const add = (specifier: ts.Node | undefined, typeOnly: boolean) => {
		if (specifier && ts.isStringLiteralLike(specifier)) {
			found.push({ from: file, to: resolve(file, specifier.text), typeOnly });
		}
	};
	const visit = (node: ts.Node): void => {
		if (ts.isImportDeclaration(node)) {
			add(node.moduleSpecifier, isTypeOnly(node.importClause));
		} else if (ts.isExportDeclaration(node)) {
			add(node.moduleSpecifier, node.isTypeOnly);
		} else if (ts.isImportTypeNode(node)) {
			add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
		} else if (ts.isCallExpression(node) && isImportCall(node)) {
			add(node.arguments[0], false);
		}
		ts.forEachChild(node, visit);
	};
	visit(source);
	return found;
}

const isTypeOnly = (clause: ts.ImportClause | undefined): boolean => {
	if (!clause) return false;
	if (clause.isTypeOnly) return true;
	const named = clause.namedBindings;
	return (
		!clause.name &&
		named !== undefined &&
		ts.isNamedImports(named) &&
		named.elements.length > 0 &&
		named.elements.every((element) => element.isTypeOnly)
	);
};

const isImportCall = ({ expression }: ts.CallExpression): boolean =>
	expression.kind === ts.SyntaxKind.ImportKeyword ||
	(ts.isIdentifier(expression) && expression.text === 'require');

const resolve = (from: string, specifier: string): string => {
	if (!specifier.startsWith('.')) return packageOf(specifier);
	const target = path.posix.join(path.posix.dirname(from), specifier);
	const known = [`${target}.ts`, `${target}/index.ts`, target];
	return known.find((file) => exists(file)) ?? target;
};

const packageOf = (specifier: string): string =>
	specifier.startsWith('node:')
		? specifier
		: specifier
				.split('/')
				.slice(0, specifier.startsWith('@') ? 2 : 1)
				.join('/');

const exists = (file: string): boolean => ts.sys.fileExists(path.join(ROOT, file));
