// Run by crypto-install.test.ts in a plain Node, in a folder laid out as n8n's installer does it:
// node crypto-install-child.cjs <package folder> <installed | late | bare>
// Uses Baileys and libsignal in every way that makes libsignal print, then reports as one line.
const { readdirSync, readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join, dirname } = require('node:path');
const { pathToFileURL } = require('node:url');

const [, , folder, mode] = process.argv;
const ours = createRequire(join(folder, 'dist/src/crypto/install.js'));
const QUIET = Symbol.for('n8n-nodes-whatsapp-linked/quiet-libsignal');

async function main() {
	const { installCheckedSignatures } = ours('./install.js');
	if (mode === 'installed') installCheckedSignatures();
	const baileysFile = ours.resolve('@whiskeysockets/baileys');
	const baileys = await import(pathToFileURL(baileysFile));
	if (mode === 'late') installCheckedSignatures();
	if (mode !== 'bare') ours('./secureBaileys.js').secureBaileys(baileys);

	const fromBaileys = createRequire(baileysFile);
	const libsignalFolder = dirname(fromBaileys.resolve('libsignal'));
	const libsignal = fromBaileys('libsignal');
	await makeItPrint(libsignal, fromBaileys('libsignal/src/queue_job.js'));

	const sources = readdirSync(libsignalFolder, { recursive: true })
		.filter((name) => name.endsWith('.js') && !name.includes('node_modules'))
		.map((name) => join(libsignalFolder, name));
	const printing = sources.filter((file) => /\bconsole\b/.test(readFileSync(file, 'utf8')));
	const unquiet = printing.filter((file) => !Object.hasOwn(fromBaileys(file), QUIET));

	const { Curve } = baileys;
	const pair = Curve.generateKeyPair();
	const text = Buffer.from('text');
	const signature = Curve.sign(pair.private, text);
	const forged = Buffer.from(signature);
	forged[0] ^= 1;
	const { SenderKeyMessage } = await import(
		pathToFileURL(join(dirname(baileysFile), 'Signal/Group/sender-key-message.js'))
	);
	const groupMessage = () =>
		new SenderKeyMessage(1, 1, text, pair.private, undefined).serialize().toString('hex');

	console.log(
		JSON.stringify({
			libsignalFolder,
			printing: printing.length,
			unquiet,
			acceptsGood: Curve.verify(pair.public, text, signature),
			acceptsForged: Curve.verify(pair.public, text, forged),
			// libsignal's own signatures are the same every time, ours take fresh random bytes.
			fastSign: !signature.equals(Curve.sign(pair.private, text)),
			fastGroupSign: groupMessage() !== groupMessage(),
		}),
	);
	console.error('a line of somebody else');
}

async function makeItPrint({ SessionRecord, SessionCipher, ProtocolAddress, curve }, queueJob) {
	const privKey = Buffer.from('SECRET-KEY-SECRET-KEY-SECRET-KEY');
	const session = (closed) => ({
		registrationId: 1,
		currentRatchet: { ephemeralKeyPair: { privKey, pubKey: privKey }, rootKey: privKey },
		indexInfo: { closed, used: 1, created: 1, remoteIdentityKey: privKey, baseKey: privKey },
		getChain: () => undefined,
	});
	const record = new SessionRecord();
	const open = session(-1);
	record.closeSession(open);
	record.closeSession(open);
	record.openSession(open);
	record.openSession(open);
	for (let index = 0; index < 42; index++) record.sessions[index] = session(index + 1);
	record.removeOldSessions();
	SessionRecord.migrate({ _sessions: { one: open } });

	const address = new ProtocolAddress('15550101', 1);
	const cipher = new SessionCipher({ loadSession: async () => record }, address);
	await cipher.decryptWhisperMessage(Buffer.alloc(60, 0x33)).catch(() => undefined);

	const pair = curve.generateKeyPair();
	curve.calculateAgreement(pair.pubKey.subarray(1), pair.privKey);
	await queueJob(
		{ not: 'a string' },
		(
			() => async () =>
				undefined
		)(),
	);
}

void main();
