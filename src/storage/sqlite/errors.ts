/** What SQLite and the file system say, as errors that people meet. */
import { type ErrorCode, LinkedError } from '../../errors';

// Primary result codes, https://www.sqlite.org/rescode.html
const CODES: Record<number, ErrorCode> = {
	5: 'storage-busy', // BUSY: another n8n process does not get that far, see takeLock()
	6: 'storage-busy', // LOCKED
	8: 'storage-not-writable', // READONLY
	10: 'storage-not-writable', // IOERR
	11: 'storage-damaged', // CORRUPT
	13: 'storage-full', // FULL
	14: 'storage-not-writable', // CANTOPEN
	23: 'storage-not-writable', // AUTH
	26: 'storage-damaged', // NOTADB
};

const FILE_SYSTEM: Record<string, ErrorCode> = {
	ENOSPC: 'storage-full',
	EDQUOT: 'storage-full',
	EACCES: 'storage-not-writable',
	EPERM: 'storage-not-writable',
	EROFS: 'storage-not-writable',
	ENOTDIR: 'storage-not-writable',
	EEXIST: 'storage-not-writable',
	EIO: 'storage-not-writable',
};

/** The LinkedError for what a statement or a file operation threw. */
export function fromSqlite(error: unknown): LinkedError {
	if (error instanceof LinkedError) return error;
	if (error instanceof Error && 'errcode' in error && typeof error.errcode === 'number') {
		const code = CODES[error.errcode & 0xff];
		if (code) return new LinkedError(code, { cause: error, data: { sqlite: error.errcode } });
	} else if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
		const code = FILE_SYSTEM[error.code];
		if (code) return new LinkedError(code, { cause: error, data: { system: error.code } });
	}
	return LinkedError.from(error);
}
