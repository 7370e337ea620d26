/** reading the history: on embedded storage; see test/suites. */
import { Sender } from '../helpers/sender';
import { historySuite, prepareHistory } from '../suites/history';

historySuite(async () => await Sender.start({}, 'default', 'android', undefined, prepareHistory));
