/** Runs once, before any test: the programs are there, or the run fails with the sentence that says how to get them. */

import { hasFakeTime } from './faketime.ts';
import { ensureTool } from './tool.ts';

export function setup(): void {
  ensureTool('redis-server');
  ensureTool('openssl');
  if (hasFakeTime) ensureTool('faketime');
}
