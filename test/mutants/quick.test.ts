/** Two of the mutants, in seconds: the others run with `npm run test:full`. */

import { quickMutants } from './mutants.ts';
import { testMutants } from './test-mutants.ts';

testMutants(quickMutants);
