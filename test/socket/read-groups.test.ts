/** read groups: on embedded storage; see test/suites. */
import { Sender } from '../helpers/sender';
import { readGroupsSuite } from '../suites/read-groups';

readGroupsSuite(async () => await Sender.start());
