/** channels: on embedded storage; see test/suites. */
import { Sender } from '../helpers/sender';
import { adminChannelsSuite } from '../suites/admin-channels';

adminChannelsSuite(async () => await Sender.start());
