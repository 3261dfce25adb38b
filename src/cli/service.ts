/** `bellwether service`: one pod, as a deployment runs it. */
import { runService, stopOnSignals } from '../hedging/run-service.ts';
import { parseArguments } from './parse-arguments.ts';

export async function service(args: readonly string[]): Promise<number> {
  parseArguments('service', args, {});
  await stopOnSignals(await runService(process.env));
  return 0;
}
