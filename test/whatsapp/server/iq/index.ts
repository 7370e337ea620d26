/** Which handler answers which namespace. A new feature is one file and one line here. */
import type { IqHandler } from '../iq';
import { appState } from './appState';
import { encrypt } from './encrypt';
import { groups } from './groups';
import { mediaConnection } from './media';
import { profilePicture } from './picture';
import { privacy } from './privacy';
import * as small from './small';
import { usync } from './usync';

export const queries: Readonly<Record<string, IqHandler>> = {
	abt: small.abProps,
	blocklist: small.blocklist,
	bot: small.bots,
	disappearing_mode: small.disappearing,
	encrypt,
	md: small.multiDevice,
	newsletter: small.newsletter,
	passive: small.passive,
	privacy,
	status: small.aboutText,
	'urn:xmpp:whatsapp:dirty': small.dirty,
	'urn:xmpp:whatsapp:push': small.push,
	usync,
	'w:biz': small.business,
	'w:g2': groups,
	'w:m': mediaConnection,
	'w:mex': small.mex,
	'w:p': small.ping,
	'w:profile:picture': profilePicture,
	'w:stats': small.stats,
	'w:sync:app:state': appState,
};
