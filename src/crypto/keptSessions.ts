/**
 * libsignal's session records, kept parsed. For every message libsignal makes a record of what is stored,
 * changes it and makes what is stored of it. Where the storage hands out the object that it was given last
 * (src/auth/keys.ts does), the record that this was made of is still there, and need not be made again.
 *
 * It is handed out once, because whoever has it changes it: whoever asks again, or after a message that
 * could not be decrypted, gets one made of what is stored. And it lives no longer than that object.
 */
import type { SessionRecordClass } from './quietLibsignal';

const KEPT = Symbol.for('n8n-nodes-whatsapp-linked/kept-sessions');

/** Calling it again changes nothing. */
export function keepSessionsParsed(SessionRecord: SessionRecordClass): void {
	if (Object.hasOwn(SessionRecord, KEPT)) return;
	Object.defineProperty(SessionRecord, KEPT, { value: true });

	/** Records by what was made of them last, and the other way round. */
	const records = new WeakMap<object, object>();
	const written = new WeakMap<object, object>();

	const { serialize } = SessionRecord.prototype;
	SessionRecord.prototype.serialize = function () {
		const data = serialize.call(this);
		const earlier = written.get(this);
		if (earlier) records.delete(earlier);
		written.set(this, data);
		records.set(data, this);
		return data;
	};
	const { deserialize } = SessionRecord;
	SessionRecord.deserialize = function (data) {
		const record = records.get(data);
		if (!record) return deserialize.call(this, data);
		records.delete(data);
		return record;
	};
}
