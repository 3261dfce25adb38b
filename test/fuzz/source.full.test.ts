import { expectInputs } from './campaign.ts';
import { fuzzSource } from './source.suite.ts';

expectInputs(2000);
fuzzSource('whole');
