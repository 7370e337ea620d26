/** xmlns `w:m`: where media goes. */
import { IqError, type IqHandler } from '../iq';
import { el } from '../nodes';

export const mediaConnection: IqHandler = ({ ask, service }) => {
	if (ask.tag !== 'media_conn') throw new IqError(400, 'bad-request');
	return [
		el('media_conn', { auth: service.media.auth, ttl: 300, auth_ttl: 21_600, max_buckets: 12 }, [
			// A port in the host name is unusual but works with every client seen.
			el('host', { hostname: service.mediaHost, maxContentLengthBytes: service.media.maxBytes }),
		]),
	];
};
