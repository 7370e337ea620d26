import { LinkedError } from '../errors';
import { ackMeaning } from '../wa/ack';

/** The error for a message that WhatsApp's server answered with an error code. */
export function rejection(status: number): LinkedError {
	if (status === 463) return new LinkedError('restricted', { data: { status } });
	return new LinkedError('rejected', {
		detail: `Code ${status}: ${ackMeaning(status)}`,
		data: { status },
	});
}
