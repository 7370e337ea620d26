/** Chats: on embedded storage; see test/suites. */
import { Sender } from '../helpers/sender';
import { chatsSuite } from '../suites/chats';

chatsSuite(async () => await Sender.start({}, 'default', 'smba'));
