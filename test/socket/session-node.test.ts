/** Session in the node: on embedded storage; see test/suites. */
import { Sender } from '../helpers/sender';
import { sessionNodeSuite } from '../suites/session-node';

sessionNodeSuite(async () => await Sender.start());
