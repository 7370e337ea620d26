/** The account: on embedded storage; see test/suites. */
import { Sender } from '../helpers/sender';
import { accountSuite } from '../suites/account';

accountSuite(async () => await Sender.start());
