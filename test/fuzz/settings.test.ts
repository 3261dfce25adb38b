import { expectInputs } from './campaign.ts';
import { fuzzSettings } from './settings.suite.ts';

expectInputs(600);
fuzzSettings('short');
