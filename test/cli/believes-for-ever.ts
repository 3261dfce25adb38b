/** A protocol bug, to be imported before the command line: whoever was granted a lease goes on believing in it. */
import { Belief } from '../../src/belief.ts';

Belief.prototype.passedMs = () => 0;
