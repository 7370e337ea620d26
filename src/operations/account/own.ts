/** What the number knows of itself. */
import type { WASocket } from '@whiskeysockets/baileys';
import { displayPhone } from '../../wa/ids';
import type { Owner } from '../types';

/** E.164 with +. */
export const ownNumber = ({ me }: Owner): string | null => displayPhone(me.phone);

/** The phone says at pairing what it is: `android`, `iphone`, and `smba`, `smbi` for WhatsApp Business. */
export const isBusiness = ({ authState }: WASocket): boolean =>
	(authState.creds.platform ?? '').startsWith('smb');
