/** Of the machines of one test file. */
import { TransitionCoverage } from '../../src/testing/transition-coverage.ts';

export const coverage = new TransitionCoverage();
