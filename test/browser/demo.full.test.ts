/** The dashboard of the demo. The reference fleet. */
import { demoSuite } from './demo.suite.ts';

demoSuite(70);
