/** communities: on embedded storage; see test/suites. */
import { Sender } from '../helpers/sender';
import { adminCommunitiesSuite } from '../suites/admin-communities';

adminCommunitiesSuite(async () => await Sender.start());
