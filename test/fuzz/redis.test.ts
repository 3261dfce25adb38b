import { expectInputs } from './campaign.ts';
import { fuzzRedis } from './redis.suite.ts';

expectInputs(100);
fuzzRedis('short');
