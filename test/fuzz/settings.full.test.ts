import { expectInputs } from './campaign.ts';
import { fuzzSettings } from './settings.suite.ts';

expectInputs(8000);
fuzzSettings('whole');
