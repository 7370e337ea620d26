/**
 * Node's functions that take a key, with a Buffer's bytes made a KeyObject first. To find out that a
 * Buffer is no KeyObject, Node 24 throws and catches two errors, which costs several times what the
 * cipher or HMAC does (fastSymmetric.ts has figures). Results and errors are Node's.
 */
import { createSecretKey } from 'node:crypto';
import { isUint8Array } from 'node:util/types';

type Keyed = (algorithm: string, key: unknown, ...rest: never[]) => unknown;

/** The same function, for `createHmac`, `createCipheriv` and `createDecipheriv`. */
export function withKeyObjects<F>(original: F): F {
	const call = original as Keyed;
	const keyed: Keyed = (algorithm, key, ...rest) =>
		call(algorithm, isUint8Array(key) ? createSecretKey(key) : key, ...rest);
	return keyed as F;
}
