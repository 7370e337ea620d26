/** ffmpeg, when it is on the host: for sound, GIFs and the first picture of a video. */
import { spawn } from 'node:child_process';
import { LinkedError } from '../errors';

const TIME_MS = 10 * 60_000;
/** The end of what ffmpeg says, for the log. */
const MAX_TALK = 4_000;

let known: { path: string; works: Promise<boolean> } | undefined;

/** The command to run, or undefined when there is none. FFMPEG_PATH names one that is not on the path. */
export async function findFfmpeg(): Promise<string | undefined> {
	const path = process.env.FFMPEG_PATH || 'ffmpeg';
	if (known?.path !== path) {
		const works = run(path, ['-hide_banner', '-version']).then(
			() => true,
			() => false,
		);
		known = { path, works };
	}
	return (await known.works) ? path : undefined;
}

/** @throws LinkedError `bad-media` when ffmpeg cannot read the file */
export async function ffmpeg(
	command: string,
	input: string,
	output: readonly string[],
	signal?: AbortSignal,
): Promise<void> {
	// A file may name others (playlists do): nothing but files is opened, and no prompt is answered.
	const args = ['-hide_banner', '-nostdin', '-y', '-protocol_whitelist', 'file,pipe', '-i', input];
	try {
		await run(command, [...args, ...output], signal);
	} catch (error) {
		signal?.throwIfAborted();
		throw new LinkedError('bad-media', { detail: 'ffmpeg could not read it.', cause: error });
	}
}

async function run(command: string, args: readonly string[], signal?: AbortSignal): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		// Arguments are a list, never a shell's text, and the command is n8n's host's own.
		// eslint-disable-next-line @n8n/community-nodes/no-dangerous-functions
		const child = spawn(command, args, {
			stdio: ['ignore', 'ignore', 'pipe'],
			timeout: TIME_MS,
			killSignal: 'SIGKILL',
			signal,
		});
		let talk = '';
		child.stderr.on('data', (chunk: Buffer) => {
			talk = (talk + chunk.toString('utf8')).slice(-MAX_TALK);
		});
		child.on('error', reject);
		child.on('close', (code) => {
			if (code === 0) resolve();
			else reject(new Error(`ffmpeg ended with ${code}: ${talk}`));
		});
	});
}
