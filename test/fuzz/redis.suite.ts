/** A real Redis in which a stranger writes, and a real fleet that goes on serving its last good data (promises 3, 4, 8). */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assertFor, boundingMemory, type Extent } from './campaign.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { hostileBytes, hostileText, hostileValue, oddNumbers } from './hostile.ts';

const keys = [
  'leader_lock',
  'lease',
  'data_version',
  'rates_backup',
  'schedule',
  'pods',
  'pods:order',
  'pods:reports',
] as const;

const fields = [
  ...['epoch', 'holder', 'since', 'ttlMs', 'beliefWindowMs'],
  ...['rates:calls', 'rates:last', 'rates:next', 'rates:permit', 'rates:delayMs', 'rates:yield', 'yield'],
  ...['pod-a', 'pod-b', 'pod-x', '__proto__'],
] as const;

/** Commands in the words of Redis; `$` stands for the key. */
type Write = Readonly<{ key: string; command: readonly (string | Buffer)[] }>;

const key = fc.constantFrom(...keys);
const field = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...fields) }, { weight: 1, arbitrary: hostileText });
const score = fc.constantFrom('-1', '0', 'inf', '-inf', '1e300', '1.5', '4102444800000');

const replaced = fc
  .tuple(key, hostileBytes)
  .map(([name, value]): Write[] => [{ key: name, command: ['SET', '$', value] }]);

const ofOtherType = fc
  .tuple(key, fc.constantFrom('RPUSH', 'SADD', 'PFADD'), hostileBytes)
  .map(([name, verb, value]): Write[] => [
    { key: name, command: ['DEL', '$'] },
    { key: name, command: [verb, '$', value] },
  ]);

/** Of the right type: errors of a wrong one are harmless here, `write` lets them pass. */
const inHash = fc
  .tuple(
    fc.constantFrom('lease', 'schedule', 'pods:reports'),
    field,
    fc.oneof(hostileBytes, fc.constantFrom(...oddNumbers)),
  )
  .map(([name, of, value]): Write[] => [{ key: name, command: ['HSET', '$', of, value] }]);

const inSet = fc
  .tuple(fc.constantFrom('pods', 'pods:order'), score, field)
  .map(([name, at, member]): Write[] => [{ key: name, command: ['ZADD', '$', at, member] }]);

/** One field of a genuine document is wrong. */
const inVersion = fc
  .tuple(
    fc.constantFrom(
      'format',
      'generation',
      'generatedAt',
      'datasets',
      'rates',
      'revision',
      'epoch',
      'podId',
      'updatedAt',
    ),
    hostileValue,
  )
  .map(([name, value]): Write[] => [{ key: 'data_version', command: ['MUTATE', name, JSON.stringify(value)] }]);

const writes = fc.array(fc.oneof(replaced, ofOtherType, inHash, inSet, inVersion), { minLength: 10, maxLength: 30 });

async function write({ client }: Fleet, { key: name, command }: Write): Promise<void> {
  const [verb, ...rest] = command;
  const full = `hedging:${name}`;
  if (verb === 'MUTATE') {
    const text = (await client.type(full)) === 'string' ? await client.get(full) : null;
    const mutated = text === null ? undefined : mutate(text, String(rest[0]), JSON.parse(String(rest[1])));
    if (mutated !== undefined) await client.set(full, mutated);
    return;
  }
  const given = rest.map((argument) => (argument === '$' ? full : argument));
  try {
    await client.call(String(verb), ...given);
  } catch (error) {
    // The key is of another type by now: a hostile write as well, and it was refused.
    if (!/WRONGTYPE|not a valid float/.test((error as Error).message)) throw error;
  }
}

function mutate(text: string, name: string, value: unknown): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text), (at, old) => (at === name ? value : old));
  } catch {
    // What stands there is none of ours: an earlier write of this run.
    return undefined;
  }
}

const announcement = fc.record(
  {
    kind: fc.constantFrom(
      'published',
      'checked',
      'claimed',
      'acquired',
      'released',
      'suspected',
      'requested',
      'answered',
      'x',
    ),
    dataset: fc.oneof(fc.constant('rates'), hostileText),
    podId: fc.oneof(fc.constantFrom('pod-a', 'pod-b', 'pod-x'), hostileText),
    from: fc.constantFrom('pod-a', 'pod-x'),
    requestId: hostileText,
    epoch: fc.oneof(fc.nat(), hostileValue),
    at: hostileValue,
    ttlLeftMs: fc.oneof(fc.nat(), hostileValue),
    agesMs: fc.oneof(fc.array(fc.nat()), hostileValue),
    checkedAt: fc.oneof(fc.nat(), hostileValue),
    result: hostileValue,
    version: fc.oneof(fc.record({ revision: fc.nat(), epoch: fc.nat(), podId: fc.constant('pod-x') }), hostileValue),
    record: fc.record({
      revision: fc.oneof(fc.nat(), hostileValue),
      epoch: fc.oneof(fc.nat(), hostileValue),
      podId: fc.constant('pod-x'),
      updatedAt: fc.oneof(fc.nat(), hostileValue),
      checkedAt: fc.nat(),
      sha256: fc.constantFrom('0'.repeat(64), 'x', ''),
      bytes: fc.oneof(fc.nat(), hostileValue),
      encoding: fc.constantFrom('json', 'gzip', 'br'),
    }),
  },
  { requiredKeys: ['kind'] },
);

const message = fc.oneof(
  { weight: 1, arbitrary: hostileBytes },
  {
    weight: 3,
    arbitrary: fc
      .tuple(announcement, fc.option(hostileBytes))
      .map(([header, payload]) =>
        Buffer.concat([Buffer.from(JSON.stringify(header)), ...(payload ? [Buffer.from('\n'), payload] : [])]),
      ),
  },
);

export function fuzzRedis(extent: Extent): void {
  const batches = extent === 'whole' ? 80 : 3;

  test('every key: the fleet serves its last good data, and recovers once the keys are deleted', {
    timeout: 900_000,
  }, async () => {
    const fleet = await startFleet();
    const run = async (batch: Write[][]) => {
      for (const group of batch) {
        for (const one of group) await write(fleet, one);
        fleet.check();
      }
      await fleet.client.del(...keys.map((name) => `hedging:${name}`));
      await fleet.recover();
      fleet.check();
    };
    await boundingMemory(() => assertFor(writes, batches, run, (batch) => batch.length));
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('announcements: none is believed that no pod has made', { timeout: 900_000 }, async () => {
    const fleet = await startFleet();
    const channels = ['hedging:announcements', ...fleet.podIds.map((podId) => `hedging:pod:${podId}`)];
    const run = async (messages: Buffer[]) => {
      await Promise.all(
        messages.map((one, index) => fleet.client.publish(channels[index % channels.length] as string, one)),
      );
      fleet.check();
      await fleet.recover();
      fleet.check();
    };
    const batch = fc.array(message, { minLength: 30, maxLength: 80 });
    await boundingMemory(() => assertFor(batch, batches, run, (messages) => messages.length));
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
}
