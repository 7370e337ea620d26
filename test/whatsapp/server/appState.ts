/**
 * App state: numbered patches per collection, encrypted with keys that only the account's devices
 * have. The server keeps their order and refuses what builds on an old version.
 */
import type { Wa } from './wa';

interface Collection {
	/** Patch n is at index n - 1. */
	patches: Buffer[];
}

export class AppState {
	private readonly collections = new Map<string, Collection>();

	version(name: string): number {
		return this.collections.get(name)?.patches.length ?? 0;
	}

	/** The patches after a version, oldest first. */
	since(name: string, version: number, limit: number): { patches: Buffer[]; more: boolean } {
		const all = this.collections.get(name)?.patches ?? [];
		const patches = all.slice(version, version + limit);
		return { patches, more: version + patches.length < all.length };
	}

	/** Takes a patch on top of `version`; false when somebody else was faster. */
	append(wa: Wa, name: string, version: number, patch: Buffer): boolean {
		if (version !== this.version(name)) return false;
		const { SyncdPatch } = wa.proto;
		// Clients leave the number out; the server writes it in.
		const numbered = { ...SyncdPatch.decode(patch), version: { version: version + 1 } };
		const collection = this.collections.get(name) ?? { patches: [] };
		collection.patches.push(Buffer.from(SyncdPatch.encode(numbered).finish()));
		this.collections.set(name, collection);
		return true;
	}
}
