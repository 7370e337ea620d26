/** send message: on embedded storage; see test/suites. */
import { Sender } from '../helpers/sender';
import { sendMessageSuite } from '../suites/send-message';

sendMessageSuite(async () => await Sender.start());
