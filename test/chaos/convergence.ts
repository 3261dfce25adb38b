/**
 * Promises 7 and 9 after the faults of an episode have ended: one leader, a revision published since then on every pod,
 * and the newest version that any pod holds in Redis.
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { compareVersions, DataVersion, type VersionRecord } from '../../machines/index.ts';
import { timeLimit, untilEntry } from './entries.ts';
import type { World } from './faults/fault.ts';
import type { Entry } from './journal.ts';

/** @returns how long it took, or nothing when it took too long: then that is in the journal */
export async function converge(world: World): Promise<number | undefined> {
  const { journal, settings, signal, fleet } = world;
  const healedAt = Date.now();
  const limit = timeLimit(settings.convergenceBoundMs);
  const ending = AbortSignal.any([limit, signal]);
  let published: VersionRecord | undefined;
  const note = (entry: Entry) => {
    if (entry.type === 'revision.published' && entry.at > healedAt) published ??= entry.record;
  };
  journal.on('entry', note);
  try {
    const hasConverged = async () => holdsEverywhere(world, published) && (await oneAnswersToLead(world));
    if (await untilEntry(journal, ending, hasConverged)) return Date.now() - healedAt;
    signal.throwIfAborted();
    const pods = fleet.slots.map(
      ({ pod, role, state, held }) => `${pod.podId} ${state} ${role} ${held ? `${held.revision}/${held.epoch}` : '-'}`,
    );
    const since = published ? `revision ${published.revision} was the first published` : 'nothing was published';
    const sentence = `${settings.convergenceBoundMs} ms after the last fault: ${since}; ${pods.join(', ')}`;
    journal.violate({ promise: 'convergence', at: Date.now(), sentence });
    return undefined;
  } finally {
    journal.off('entry', note);
  }
}

function holdsEverywhere({ fleet }: World, published: VersionRecord | undefined): boolean {
  if (!published || fleet.awake.length !== fleet.slots.length) return false;
  const leaders = fleet.slots.filter(({ role }) => role === 'leader').length;
  const followers = fleet.slots.filter(({ role }) => role === 'follower').length;
  const [first] = fleet.slots;
  const isEverywhere = fleet.slots.every(({ held }) => compareVersions(held, first?.held) === 0);
  return (
    leaders === 1 && leaders + followers === fleet.slots.length && isEverywhere && isAtLeast(first?.held, published)
  );
}

const isAtLeast = (held: VersionRecord | undefined, wanted: VersionRecord) => compareVersions(held, wanted) >= 0;

async function oneAnswersToLead({ fleet }: World): Promise<boolean> {
  // One that ends meanwhile answers nothing: then it is not over.
  const answers = await Promise.allSettled(fleet.slots.map(({ pod }) => pod.state()));
  const states = answers.filter((answer) => answer.status === 'fulfilled').map(({ value }) => value);
  return states.length === fleet.slots.length && states.filter(({ isLeader }) => isLeader).length === 1;
}

const lookIntervalMs = 100;

/** Promise 9: Redis gets the newest version that any pod holds. Redis tells nobody when, so it is asked again. */
export async function expectNothingLost(world: World): Promise<void> {
  const { journal, settings, signal } = world;
  const limitAt = performance.now() + settings.convergenceBoundMs;
  for (;;) {
    const missing = await whatIsMissing(world);
    if (missing === undefined) return;
    if (performance.now() > limitAt) {
      journal.violate({ promise: 'nothingLost', at: Date.now(), sentence: missing });
      return;
    }
    await sleep(lookIntervalMs, undefined, { signal });
  }
}

async function whatIsMissing({ fleet, redis }: World): Promise<string | undefined> {
  const newest = fleet.slots
    .map(({ held }) => held)
    .reduce((best, held) => (compareVersions(held, best) > 0 ? held : best), undefined);
  const [json, payload] = await redis.operate(async (operator) => {
    const replies = await operator.multi().get('chaos:data_version').getBuffer('chaos:rates_backup').exec();
    return (replies ?? []).map(([, value]) => value) as [string | null, Buffer | null];
  });
  const stored = json === null ? undefined : DataVersion.parse(JSON.parse(json)).datasets.rates;
  if (compareVersions(stored, newest) < 0)
    return `a pod holds revision ${newest?.revision} (epoch ${newest?.epoch}), Redis has ${stored?.revision}`;
  const sha256 = payload && createHash('sha256').update(payload).digest('hex');
  // What no live pod holds can't come back, unless from the source.
  const isHeld = newest !== undefined && compareVersions(newest, stored) === 0;
  if (isHeld && stored && sha256 !== stored.sha256)
    return `Redis has revision ${stored.revision} and a payload of another checksum: ${sha256}`;
  return undefined;
}
