/** What each script answers, as one schema that reads the wire form into the outcome of the port. */
import { z } from 'zod';
import { ObservedLock, PodReport, VersionRecord, type VersionRecords } from '../../machines/index.ts';
import type { ScriptName } from './scripts.ts';

/** What is no JSON is refused like all else that is wrong: thrown from here, it would take what stands beside it along. */
const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    context.addIssue({ code: 'custom', message: (cause as Error).message });
    return z.NEVER;
  }
});

/** `'12,3'`: Lua can't tell an empty array from an empty object. */
const numbers = z.string().transform((text) => (text === '' ? [] : text.split(',').map(Number)));
const names = z.string().transform((text) => (text === '' ? [] : text.split(',')));

/** An answer by number, as `{ outcome }`. */
function numbered<const Outcomes extends Record<number, string>>(outcomes: Outcomes) {
  return z.number().transform((number, context): { outcome: Outcomes[keyof Outcomes & number] } => {
    const outcome = outcomes[number];
    if (outcome !== undefined) return { outcome: outcome as Outcomes[keyof Outcomes & number] };
    context.addIssue({ code: 'custom', message: `unexpected number ${number}` });
    return z.NEVER;
  });
}

function named<const Outcome extends string>(...outcomes: readonly [Outcome, ...Outcome[]]) {
  return z.enum(outcomes).transform((outcome) => ({ outcome: outcome as Outcome }));
}

const outcome = <const Name extends string, Shape extends z.ZodRawShape>(name: Name, shape: Shape) =>
  z.object({ outcome: z.literal(name), ...shape });

const granted = outcome('granted', { epoch: z.number() });

/** The scripts let through only what this accepts; what slipped through counts as not there, as anything unreadable. */
const records = z.record(z.string(), z.unknown()).transform((stored) => {
  const readable: VersionRecords = {};
  for (const [name, value] of Object.entries(stored)) {
    const record = VersionRecord.safeParse(value);
    if (record.success) readable[name] = record.data;
  }
  return readable;
});

const poll = z.object({
  now: z.number(),
  generation: z.string(),
  generatedAt: z.number(),
  records,
  lock: ObservedLock.optional(),
  epoch: z.number(),
  size: z.number(),
  rank: z.number(),
  turn: z.number(),
  turns: z.number(),
  wanted: names,
  callAges: z.record(z.string(), numbers),
  writeFailure: z.string().optional(),
  wasUnreadable: z.boolean().optional(),
});

/** An empty list is an object to Lua. What a pod of another version reports may be unreadable here: then it isn't shown. */
const sights = z.union([z.array(z.unknown()), z.object({}).transform(() => [])]).transform((list) =>
  list.flatMap((stored) => {
    const sight = PodSight.safeParse(stored);
    return sight.success ? [sight.data] : [];
  }),
);
const PodSight = z.object({ polledAt: z.number(), report: json.pipe(PodReport) });

const look = z.object({
  now: z.number(),
  epoch: z.number(),
  lock: ObservedLock.optional(),
  records,
  size: z.number(),
  pods: sights,
});

export const replies = {
  acquire: json.pipe(
    z.discriminatedUnion('outcome', [
      granted,
      outcome('held', { lock: ObservedLock }),
      outcome('onHold', { waitMs: z.number() }),
    ]),
  ),
  take_over: json.pipe(
    z.discriminatedUnion('outcome', [
      granted,
      outcome('free', {}),
      outcome('changed', { lock: ObservedLock }),
      outcome('present', { now: z.number(), lock: ObservedLock }),
      outcome('tooYoung', { waitMs: z.number() }),
      outcome('presenceUnknown', { reason: z.string() }),
    ]),
  ),
  renew: numbered({ 0: 'lost', 1: 'renewed' }),
  release: numbered({ 0: 'lost', 1: 'released' }),
  yield: named('yielded', 'alone', 'tooSoon', 'notHolder'),
  poll: json.pipe(poll),
  restore: named('restored', 'notWanted'),
  suspect: z.number(),
  leave: z.number(),
  look: json.pipe(look),
  publish: json.pipe(
    z.discriminatedUnion('outcome', [
      outcome('published', { record: VersionRecord }),
      outcome('mismatch', {}),
      outcome('notHolder', {}),
      outcome('outdated', {}),
    ]),
  ),
  confirm: json.pipe(
    z.discriminatedUnion('outcome', [
      outcome('confirmed', { record: VersionRecord }),
      outcome('mismatch', {}),
      outcome('notHolder', {}),
    ]),
  ),
  claim: json.pipe(
    z.discriminatedUnion('outcome', [
      outcome('granted', { callAges: numbers }),
      outcome('notDue', { waitMs: z.number() }),
      outcome('overBudget', { waitMs: z.number() }),
      outcome('notHolder', {}),
    ]),
  ),
  // Another permit was given since: its call decides when the next one is due, and nothing is left to defer.
  defer: numbered({ 0: 'deferred', 1: 'deferred', [-1]: 'notHolder' }),
} satisfies Record<ScriptName, z.ZodType>;

export type Reply<Name extends ScriptName> = z.output<(typeof replies)[Name]>;
