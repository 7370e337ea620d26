/**
 * A compact binary encoding for plain values: what JSON can say plus bytes, undefined, bigint, Date
 * and NaN. Bytes stay bytes, and so do strings that are canonical base64 (libsignal's session records
 * are full of them) and object keys of that kind. Nothing is dropped: what cannot be encoded throws.
 */
export { decodeTree } from './treeReader';
export { encodeTree } from './treeWriter';
