/** On embedded storage. */
import { safetySuite } from '../suites/safety';

safetySuite(() => Promise.resolve(undefined));
