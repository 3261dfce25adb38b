import { expectInputs } from './campaign.ts';
import { fuzzRedis } from './redis.suite.ts';

expectInputs(4000);
fuzzRedis('whole');
