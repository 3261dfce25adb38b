/** The dashboard of the demo. Eight pods are there in seconds. */
import { demoSuite } from './demo.suite.ts';

demoSuite(8);
