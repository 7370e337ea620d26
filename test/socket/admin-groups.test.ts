/** administering groups: on embedded storage; see test/suites. */
import { Sender } from '../helpers/sender';
import { adminGroupsSuite } from '../suites/admin-groups';

adminGroupsSuite(async () => await Sender.start());
