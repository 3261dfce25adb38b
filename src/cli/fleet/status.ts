/** `bellwether status`: the fleet as a table, once or again and again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { listenForInterruption } from '../demo/interruption.ts';
import { parseArguments } from '../parse-arguments.ts';
import { type FleetPlace, placeOf, placeOptions } from './place.ts';
import { fleetLines, statusText } from './status-lines.ts';
import { type Visit, visit } from './visit.ts';

const lookEveryMs = 2_000;

type Shape = Readonly<{ isJson: boolean; namespace: string }>;

export async function status(args: readonly string[]): Promise<number> {
  const { watch, json, ...rest } = parseArguments('status', args, {
    ...placeOptions,
    watch: { type: 'boolean' },
    json: { type: 'boolean' },
  });
  const place = placeOf(rest);
  const shape = { isJson: json === true, namespace: place.namespace };
  if (watch) return watchFleet(place, shape);
  await visit(place, async (fleet) => print(await lines(fleet, shape)));
  return 0;
}

async function lines(fleet: Visit, { isJson, namespace }: Shape): Promise<string[]> {
  const seen = fleetLines(await fleet.look());
  return isJson ? [JSON.stringify(seen)] : statusText(seen, { namespace, address: fleet.address });
}

function print(text: readonly string[]): void {
  process.stdout.write(`${text.join('\n')}\n`);
}

/** Until Ctrl-C. While Redis is away that is what is shown, and it goes on looking. */
async function watchFleet(place: FleetPlace, shape: Shape): Promise<number> {
  const interruption = listenForInterruption(() => process.exit(130));
  const { signal } = interruption;
  const isDrawn = process.stdout.isTTY && !shape.isJson;
  const show = (text: readonly string[]) => {
    if (isDrawn) process.stdout.write('\x1b[H\x1b[2J');
    print(isDrawn || shape.isJson ? text : [...text, '']);
  };
  while (!signal.aborted) {
    try {
      await visit(place, async (fleet) => {
        while (!(signal.aborted || fleet.lost.aborted)) {
          show(await lines(fleet, shape));
          await pause(signal);
        }
      });
    } catch (error) {
      const { message } = error as Error;
      show([shape.isJson ? JSON.stringify({ failure: message }) : message]);
    }
    await pause(signal);
  }
  interruption.end();
  return 0;
}

async function pause(signal: AbortSignal): Promise<void> {
  await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
}
