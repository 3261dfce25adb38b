import { expectInputs } from './campaign.ts';
import { fuzzSource } from './source.suite.ts';

expectInputs(80);
fuzzSource('short');
