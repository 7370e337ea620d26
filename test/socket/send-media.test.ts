/** send media: on embedded storage; see test/suites. */
import { Sender } from '../helpers/sender';
import { sendMediaSuite } from '../suites/send-media';

sendMediaSuite(async () => await Sender.start({}, 'filesystem'));
