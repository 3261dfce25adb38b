/** `bellwether step-down`: asks the leader to give its lease to another pod, and tells who leads then. */
import { EventEmitter, once } from 'node:events';
import type { StepDownResult } from '../../../machines/index.ts';
import { parseArguments } from '../parse-arguments.ts';
import { askLeader, parseTimeout, timeoutOption } from './ask-leader.ts';
import { placeOf, placeOptions } from './place.ts';
import { printable } from './printable.ts';
import { type Visit, visit } from './visit.ts';

/** The next in rank acts within milliseconds; one that is slow is not waited for. */
const electionLimitMs = 3_000;

type Lease = Readonly<{ podId: string; epoch: number }>;
type Told = Readonly<{ result: StepDownResult; from: string; next: Lease | undefined }>;

export async function stepDown(args: readonly string[]): Promise<number> {
  const options = { ...placeOptions, ...timeoutOption, json: { type: 'boolean' } } as const;
  const { json, timeout, ...rest } = parseArguments('step-down', args, options);
  const limitMs = parseTimeout(timeout);
  const told = await visit(placeOf(rest), (fleet) => ask(fleet, limitMs));
  const { result, next } = told;
  process.stdout.write(`${json ? JSON.stringify({ ...result, leader: next ?? null }) : sentence(told)}\n`);
  return result.outcome === 'steppedDown' ? 0 : 1;
}

async function ask(fleet: Visit, limitMs: number): Promise<Told> {
  const grants = new EventEmitter<{ granted: [Lease] }>();
  let next: Lease | undefined;
  const end = fleet.onAnnouncement((announcement) => {
    if (announcement.kind !== 'acquired') return;
    next = { podId: announcement.podId, epoch: announcement.epoch };
    grants.emit('granted', next);
  });
  const request = (requestId: string) => ({ kind: 'stepDownRequested', requestId, from: fleet.podId }) as const;
  const { result, podId } = await askLeader(fleet, {
    limitMs,
    request,
    answerIn: (told) => (told.kind === 'stepDownAnswered' ? told : undefined),
  });
  if (result.outcome === 'steppedDown' && next === undefined) {
    // Not AbortSignal.timeout: within `any` Node 20 may collect it as garbage, and then it never aborts.
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), electionLimitMs);
    const signal = AbortSignal.any([limit.signal, fleet.lost]);
    await once(grants, 'granted', { signal }).catch(() => undefined);
    clearTimeout(timer);
  }
  end();
  return { result, from: podId, next };
}

function sentence({ result, from, next }: Told): string {
  const { outcome, reason } = result;
  const old = printable(from);
  const why = reason === undefined ? '' : ` (${printable(reason, 500)})`;
  switch (outcome) {
    case 'steppedDown':
      return next
        ? `${old} has given its lease away: ${printable(next.podId)} leads, epoch ${next.epoch}.`
        : `${old} has given its lease away: nobody has taken it yet.`;
    case 'alone':
      return `${old} stays the leader: no other pod is there to take its lease.`;
    case 'notNow':
      return `${old} did not step down${why}: ask again.`;
    default:
      return `${old} no longer leads${why}: see "bellwether leader".`;
  }
}
