/**
 * A scenario is a text: comments (`#`) that say why, the fleet (`fleet pods 3, seed 1`, or with `, TTL 15s` behind it),
 * its datasets (`dataset rates every 5m`, or with `, answer 2 is a page` behind it), orders (`> leader crashes`) and under
 * each the whole trace that follows from it, up to the next order.
 */
import { type SimulatedFleet, simulateFleet } from '../../src/testing/simulated-fleet.ts';
import { entryText } from '../../src/testing/trace-text.ts';
import { oddAnswers } from './answers.ts';
import { obey } from './orders.ts';

/** Plays the orders of a scenario; returns its text with the trace as it is now. */
export async function play(text: string): Promise<string> {
  const script = text.split('\n').filter((line) => /^(#|fleet |dataset |> |$)/.test(line));
  const fleet = await fleetOf(script);
  const told: string[] = [];
  let from = 0;
  for (const line of script) {
    if (line === '' && told.at(-1) !== undefined && !told.at(-1)?.startsWith('#')) continue;
    told.push(line.startsWith('> ') ? `\n${line}` : line);
    if (!line.startsWith('> ')) continue;
    await carryOut(fleet, line);
    told.push(...fleet.trace.slice(from).map((entry) => `  ${entryText(entry)}`));
    from = fleet.trace.length;
  }
  return `${told
    .join('\n')
    .trim()
    .replaceAll(/\n{3,}/g, '\n\n')}\n`;
}

async function carryOut(fleet: SimulatedFleet, line: string): Promise<void> {
  try {
    await obey(fleet, line.slice(2).trim());
  } catch (error) {
    throw new Error(`${line}: ${(error as Error).message}`, { cause: error });
  }
}

function fleetOf(script: readonly string[]): Promise<SimulatedFleet> {
  const [, pods, seed, leaseTtl] = /^fleet pods (\d+), seed (\d+)(?:, TTL (\S+))?$/m.exec(script.join('\n')) ?? [];
  const datasets = script.flatMap((line) => {
    const [, name, refreshInterval, which, kind = ''] =
      /^dataset (\S+) every ([^\s,]+)(?:, answer (\d+) is (.+))?$/.exec(line) ?? [];
    return name && refreshInterval ? [[name, { refreshInterval, ...oddAnswers[kind]?.(Number(which)) }] as const] : [];
  });
  if (!pods || datasets.length === 0)
    throw new Error('A scenario begins with "fleet pods 3, seed 1" and "dataset rates every 5m".');
  return simulateFleet({
    pods: Number(pods),
    seed: Number(seed),
    datasets: Object.fromEntries(datasets),
    ...(leaseTtl && { leaseTtl }),
  }) as never;
}
