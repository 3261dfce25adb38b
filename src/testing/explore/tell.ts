/** A way through the model as sentences: who does what, what Redis answers, what the pods tell of it. */

import type { Ran } from './fleet-state.ts';
import type { Step } from './found-steps.ts';
import { nameOf } from './words.ts';
import type { World } from './world.ts';

export async function tellWay(
  world: World,
  way: readonly { state: readonly number[]; ordinal: number }[],
): Promise<string[]> {
  const told: string[] = [];
  let ticks = 0;
  for (const { state, ordinal } of way) {
    const step = (await world.steps.of(state))[ordinal] as Step;
    if (step.entries.some(({ type }) => type === 'tick')) ticks++;
    told.push(`t=${ticks} ${tellStep(step)}`);
  }
  return told;
}

function tellStep(step: Step): string {
  const ran = step.ran.map(tellCommand);
  const facts = step.entries.flatMap((entry) => {
    if (entry.type === 'tick') return [];
    return [`${entry.podId ? `${entry.podId}: ` : ''}${tellFact(entry)}`];
  });
  const head = `${step.podId ? `${step.podId} ` : ''}${step.does()}`;
  return [head, ...ran.map((line) => `      ${line}`), ...facts.map((line) => `      * ${line}`)].join('\n');
}

function tellCommand(ran: Ran): string {
  return `${ran.command.podId} > ${nameOf(ran.command)}: ${answerText(ran)}`;
}

/** What Redis answered, in a few words. */
export function answerText({ reply }: Ran): string {
  if (reply === undefined) return 'no answer';
  const { outcome, lock, epoch, records } = (reply ?? {}) as Record<string, unknown>;
  const seen = outcome ?? (lock === undefined && epoch !== undefined ? 'no lock' : '');
  const holder = lock ? `lock of ${(lock as { podId: string }).podId}#${(lock as { epoch: number }).epoch}` : '';
  const words = [seen, holder, epoch === undefined ? '' : `epoch ${epoch}`, versionsIn(records)].filter(Boolean);
  return words.join(', ');
}

function versionsIn(records: unknown): string {
  return Object.values((records ?? {}) as Record<string, { revision: number; epoch: number; podId: string }>)
    .map(({ revision, epoch, podId }) => `revision ${revision} (epoch ${epoch}, ${podId})`)
    .join(', ');
}

function tellFact(entry: Record<string, unknown>): string {
  const { type, epoch, cause, isLeader, record } = entry;
  if (type === 'pod.answered') return `isLeader() answers ${isLeader}`;
  const version = record ? versionsIn([record]) : '';
  return [type, version, epoch === undefined ? '' : `epoch ${epoch}`, cause].filter(Boolean).join(' ');
}
