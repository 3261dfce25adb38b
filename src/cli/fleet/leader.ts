/** `bellwether leader`: who holds the lease. Ends with 1 when nobody does. */
import { parseArguments } from '../parse-arguments.ts';
import { placeOf, placeOptions } from './place.ts';
import { fleetLines, leaderText } from './status-lines.ts';
import { visit } from './visit.ts';

export async function leader(args: readonly string[]): Promise<number> {
  const { json, ...rest } = parseArguments('leader', args, { ...placeOptions, json: { type: 'boolean' } });
  const holder = await visit(placeOf(rest), async ({ look }) => fleetLines(await look()).leader);
  if (json) process.stdout.write(`${JSON.stringify(holder)}\n`);
  else process.stdout.write(`${holder ? leaderText(holder) : 'Nobody leads: the lease is free.'}\n`);
  return holder ? 0 : 1;
}
