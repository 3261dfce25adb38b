/** Runs one history on two worlds in lock step: every reply, every announcement and all keys must be equal. */
import { isDeepStrictEqual } from 'node:util';
import { pickerOf } from '../../../src/testing/random.ts';
import type { Member, OpenWorld, World } from '../world.ts';
import type { Command } from './commands.ts';
import { Fleet } from './fleet.ts';
import { type Action, resolve, type Sent, type Step, textOf } from './steps.ts';

export type Difference = Readonly<{
  /** Of the step after which the worlds differed. */
  index: number;
  what: 'reply' | 'announcements' | 'keys';
  answers: readonly [string, string];
  /** The history up to there, in words. */
  history: readonly string[];
}>;

type Side = { world: World; members: Map<string, Member> };
type Pair<T> = readonly [T, T];

/** Looking at all keys costs more than a command. */
const stepsBetweenPeeks = 10;

/** Undefined when the worlds agree all the way. Counts the replies by what was asked and answered into `seen`. */
export async function run(
  seed: number,
  steps: readonly Step[],
  worlds: Pair<OpenWorld>,
  seen?: Map<string, number>,
): Promise<Difference | undefined> {
  const fleet = new Fleet(3 + pickerOf(seed).int(3));
  const sides = await both(worlds, async (open): Promise<Side> => ({ world: await open(), members: new Map() }));
  try {
    return await runOn(sides, fleet, steps, seen);
  } finally {
    await both(sides, ({ world }) => world.close());
  }
}

async function runOn(
  sides: Pair<Side>,
  fleet: Fleet,
  steps: readonly Step[],
  seen: Map<string, number> | undefined,
): Promise<Difference | undefined> {
  const history: string[] = [];
  const sent: Sent = {};
  for (const podId of fleet.podIds.slice(0, -1)) await perform(sides, fleet, { kind: 'connect', podId });
  for (const [index, step] of steps.entries()) {
    const resolved = resolve(step, fleet, sides[0].world.now(), sent);
    if (!resolved) continue;
    const { action } = resolved;
    history.push(resolved.says);
    const differ = (what: Difference['what'], answers: Pair<unknown>): Difference | undefined =>
      isDeepStrictEqual(...answers)
        ? undefined
        : { index, what, history, answers: [textOf(answers[0]), textOf(answers[1])] };

    const replies = await perform(sides, fleet, action);
    const heard = await both(sides, hearAll);
    if (action.kind === 'command') {
      const now = sides[0].world.now();
      const { waitMs } = (replies[0] ?? {}) as { waitMs?: number };
      sent.last = action;
      if (waitMs !== undefined) sent.waiting = { ...action, at: now + waitMs };
      count(seen, action, replies[0]);
      fleet.learn(action.podId, replies[0], now);
    }
    for (const [podId, announcements] of Object.entries(heard[0])) fleet.hear(podId, announcements);
    const isPeekDue = index % stepsBetweenPeeks === 0 || index === steps.length - 1;
    const keys = isPeekDue ? await both(sides, ({ world }) => world.peek()) : ([{}, {}] as const);
    const difference = differ('reply', replies) ?? differ('announcements', heard) ?? differ('keys', keys);
    if (difference) return difference;
  }
  return undefined;
}

async function perform(sides: Pair<Side>, fleet: Fleet, action: Action): Promise<Pair<unknown>> {
  if (action.kind === 'connect') fleet.connected.add(action.podId);
  if (action.kind === 'disconnect') fleet.connected.delete(action.podId);
  return both(sides, async ({ world, members }) => {
    switch (action.kind) {
      case 'world':
        await action.change(world);
        return undefined;
      case 'connect':
        members.set(action.podId, await world.connect(action.podId));
        return undefined;
      case 'disconnect':
        await members.get(action.podId)?.close();
        members.delete(action.podId);
        return undefined;
      case 'command': {
        const member = members.get(action.podId);
        if (!member) throw new Error(`${action.podId} is not connected`);
        world.advance(action.afterMs);
        return answerOf(action.send(member));
      }
    }
  });
}

/** As both worlds would write it: bytes as text, of an error its kind. */
async function answerOf(reply: Promise<unknown>): Promise<unknown> {
  try {
    const answer = await reply;
    return Buffer.isBuffer(answer) ? { bytes: answer.toString() } : plain(answer);
  } catch (error) {
    return { rejected: (error as { kind?: string }).kind ?? String(error) };
  }
}

async function hearAll({ members }: Side) {
  const entries = [...members].map(async ([podId, member]) => [podId, await member.heard()] as const);
  return Object.fromEntries((await Promise.all(entries)).map(([podId, heard]) => [podId, plain(heard)]));
}

/** Without what JSON leaves out, and without prototypes. */
function plain<T>(value: T): T {
  return value === undefined ? value : JSON.parse(JSON.stringify(value));
}

function count(seen: Map<string, number> | undefined, { name }: Command, reply: unknown): void {
  const { outcome, rejected } = (reply ?? {}) as { outcome?: string; rejected?: string };
  const key = `${name}: ${outcome ?? rejected ?? 'answered'}`;
  seen?.set(key, (seen.get(key) ?? 0) + 1);
}

async function both<In, Out>([left, right]: Pair<In>, act: (side: In) => Promise<Out>): Promise<Pair<Out>> {
  return Promise.all([act(left), act(right)]);
}
