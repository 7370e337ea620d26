/** Operations that are answered from the history, in whichever process asks. */
import { defineOperation, type AnyOperation } from './types';
import type { JsonObject, NodeSide, Operation } from './types';

/** What an answer may use: the same in the process of the node and in the owner's. */
export type Reader = Pick<NodeSide, 'history' | 'settings' | 'signal'>;

interface Query<P extends JsonObject> extends Omit<
	Operation<P>,
	'needs' | 'writes' | 'perform' | 'prepare' | 'present' | 'inNode'
> {
	answer(reader: Reader, params: P): Promise<JsonObject | JsonObject[]>;
}

/** An operation that only reads the history; each result becomes an item. */
export function defineQuery<P extends JsonObject>({ answer, ...rest }: Query<P>): AnyOperation {
	return defineOperation<P>({
		...rest,
		needs: 'history',
		writes: false,
		perform: async (owner, params) => await answer(owner, params),
		async inNode(node, params) {
			const result = await answer(node, params);
			const results = Array.isArray(result) ? result : [result];
			return results.map((json) => ({ json, pairedItem: { item: node.item } }));
		},
	});
}
