/** Contacts: on embedded storage; see test/suites. */
import { Sender } from '../helpers/sender';
import { readContactsSuite } from '../suites/read-contacts';

readContactsSuite(async () => await Sender.start({}, 'filesystem'));
