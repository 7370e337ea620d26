/**
 * The protobuf messages of WhatsApp, from Baileys' WAProto alone. Nothing else of Baileys is loaded
 * here: whoever tests the product decides when Baileys (and the libsignal under it) is imported.
 */
import type { proto } from '@whiskeysockets/baileys';

export type { proto };
export type Proto = typeof proto;

let loaded: Proto | undefined;

/** Loads WAProto (ESM) once per process. */
export async function loadProto(): Promise<Proto> {
	loaded ??= (await import('@whiskeysockets/baileys/WAProto/index.js')).proto as Proto;
	return loaded;
}

/** WAProto, once {@link loadProto} has run; a phone loads it before it connects. */
export function wa(): Proto {
	if (!loaded) throw new Error('loadProto() must run before protobuf messages are used');
	return loaded;
}

/** A protobuf 64-bit field as a number. */
export function toNumber(
	value: number | { toNumber(): number } | string | null | undefined,
): number {
	if (value == null) return 0;
	return typeof value === 'object' ? value.toNumber() : Number(value);
}
