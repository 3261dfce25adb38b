/** `bellwether service`: one pod, as a deployment runs it. */
import { runService, stopOnSignals } from '../hedging/run-service.ts';
import { parseArguments } from './parse-arguments.ts';
import { UsageError } from './usage-error.ts';

export async function service(args: readonly string[]): Promise<number> {
  const { inspect: url } = parseArguments('service', args, { inspect: { type: 'string' } });
  if (url === undefined || url === 'dashboard') {
    await stopOnSignals(await runService(process.env, url === undefined ? {} : { inspect: url }));
    return 0;
  }
  const { inspect, stop } = await inspectionTo(url);
  await stopOnSignals(await runService(process.env, { inspect }));
  stop();
  return 0;
}

async function inspectionTo(url: string) {
  if (!/^wss?:\/\/[^/\s]+/.test(url))
    throw new UsageError(
      `--inspect: expected "dashboard", or the address of a relay such as ws://localhost:8080, got "${url}".`,
    );
  const { inspectWithStately } = await import('../inspection/stately.ts');
  return inspectWithStately({ url });
}
