/** Download Media: on embedded storage; see test/suites. */
import { Sender } from '../helpers/sender';
import { downloadMediaSuite } from '../suites/download-media';

downloadMediaSuite(async () => await Sender.start({}, 'filesystem'));
