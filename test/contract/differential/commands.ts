/** Every method of the ports as a random command: mostly what a pod would ask, often a little wrong, old or twice. */
import type { VersionRecord, VersionRecords } from '../../../machines/index.ts';
import type { AcquireRequest } from '../../../src/ports.ts';
import type { Picker } from '../../../src/testing/random.ts';
import { acquiring, claiming, polling, publishing, recordOf, restoring } from '../requests.ts';
import type { Member } from '../world.ts';
import { type Dataset, datasets, type Fleet } from './fleet.ts';

export type Command = Readonly<{
  name: string;
  podId: string;
  request: unknown;
  send(member: Member): Promise<unknown>;
}>;

type Build = (fleet: Fleet, podId: string, pick: Picker) => Pick<Command, 'request' | 'send'>;

const intervalMs = 5_000;
const pollIntervalMs = 2_000;
const ttlsMs = [6_000, 6_000, 8_000] as const;

function command<Request>(request: Request, send: (member: Member, request: Request) => Promise<unknown>) {
  return { request, send: (member: Member) => send(member, request) };
}

function grantTerms(fleet: Fleet, podId: string, pick: Picker): AcquireRequest {
  const { seenEpoch, ownEpoch } = fleet.notes(podId);
  return acquiring(podId, {
    seenEpoch: pick.one([seenEpoch, seenEpoch, seenEpoch, seenEpoch, 0, seenEpoch + 2]),
    ownEpoch: pick.one([ownEpoch, ownEpoch, ownEpoch, 0]),
    ttlMs: pick.one(ttlsMs),
    beliefWindowMs: pick.one([1_250, 1_250, 2_000]),
    graceMs: pick.one([1_500, 1_500, 2_500]),
    freshGeneration: `g${pick.int(1_000)}`,
  });
}

function someAges(fleet: Fleet, podId: string, dataset: Dataset, pick: Picker): number[] {
  const known = fleet.notes(podId).agesMs[dataset] ?? [];
  if (pick.chance(0.5)) return known;
  if (pick.chance(0.3)) return [];
  const ages = Array.from({ length: 1 + pick.int(4) }, () => pick.int(8_000) + (pick.chance(0.2) ? 0.5 : 0));
  return ages.sort((left, right) => left - right);
}

function payload(pick: Picker): Buffer {
  return Buffer.from(pick.one(['{"a":1}', '{"b":2}', 'line\nline', '', '{"ü":"€"}']));
}

/** A version that was there, or nearly. */
function someRecord(fleet: Fleet, podId: string, pick: Picker): VersionRecord {
  const known = fleet.record(pick) ?? recordOf(payload(pick), { podId });
  const { sha256 } = recordOf(payload(pick), {});
  return pick.one([
    known,
    known,
    { ...known, revision: known.revision + 1 },
    { ...known, revision: Math.max(0, known.revision - 1) },
    { ...known, epoch: known.epoch + pick.int(3) },
    { ...known, podId },
    { ...known, sha256 },
  ]);
}

function someHeld(fleet: Fleet, podId: string, pick: Picker): VersionRecords {
  const held = fleet.notes(podId).held;
  return pick.chance(0.7) ? held : { ...held, [pick.one(datasets)]: someRecord(fleet, podId, pick) };
}

export const builders = {
  acquire: (fleet, podId, pick) => command(grantTerms(fleet, podId, pick), ({ lease }, r) => lease.acquire(r)),
  takeOver: (fleet, podId, pick) => {
    const observed = pick.chance(0.8) ? (fleet.lock ?? fleet.lease(pick)) : fleet.lease(pick);
    return command({ ...grantTerms(fleet, podId, pick), observed }, ({ lease }, r) => lease.takeOver(r));
  },
  renew: (fleet, _, pick) =>
    command({ ...fleet.lease(pick), ttlMs: pick.one(ttlsMs) }, ({ lease }, r) => lease.renew(r)),
  release: (fleet, _, pick) => command(fleet.lease(pick), ({ lease }, r) => lease.release(r)),
  yield: (fleet, _, pick) => {
    const limits = { minIntervalMs: 6 * intervalMs, presenceMs: pick.one([3 * pollIntervalMs, 500]) };
    return command({ ...fleet.lease(pick), ...limits }, ({ lease }, r) => lease.yield(r));
  },
  poll: (fleet, podId, pick) => {
    const { seenEpoch } = fleet.notes(podId);
    const request = polling(podId, {
      seenEpoch: pick.chance(0.97) ? seenEpoch : seenEpoch + pick.int(4),
      freshGeneration: `g${pick.int(1_000)}`,
      pollIntervalMs: pick.chance(0.9) ? pollIntervalMs : 2 * pollIntervalMs,
      datasets: pick.chance(0.9) ? datasets : ['terms'],
      held: someHeld(fleet, podId, pick),
      callAgesMs: Object.fromEntries(datasets.map((dataset) => [dataset, someAges(fleet, podId, dataset, pick)])),
    });
    return command(request, ({ data }, r) => data.poll(r));
  },
  download: (_, __, pick) => command(pick.one(datasets), ({ data }, dataset) => data.download(dataset)),
  restore: (fleet, podId, pick) => {
    const changes = { dataset: pick.one(datasets), payload: payload(pick), freshGeneration: `g${pick.int(1_000)}` };
    return command(restoring(someRecord(fleet, podId, pick), changes), ({ data }, r) => data.restore(r));
  },
  suspect: (fleet, podId, pick) => {
    const dataset = pick.one(datasets);
    const version = (pick.chance(0.7) && fleet.stored[dataset]) || someRecord(fleet, podId, pick);
    return command({ dataset, version }, ({ data }, r) => data.suspect(r));
  },
  leave: (_, podId) => command(podId, ({ data }, r) => data.leave(r)),
  publish: (fleet, podId, pick) => {
    const holder = fleet.lease(pick);
    const dataset = pick.one(datasets);
    const stored = fleet.stored[dataset];
    const revision = Math.max(0, (stored?.revision ?? 0) + pick.one([1, 1, 1, 1, 0, -1, 2]));
    const bytes = payload(pick);
    const request = publishing(holder, {
      dataset,
      record: recordOf(bytes, { ...holder, revision }),
      payload: bytes,
      expected: pick.one([stored, stored, stored, stored, undefined, someRecord(fleet, podId, pick)]),
      isInline: pick.chance(0.5),
      permitId: pick.one([undefined, fleet.permits[dataset][0], fleet.permits[dataset][1]]),
      freshGeneration: `g${pick.int(1_000)}`,
    });
    return command(request, ({ publications }, r) => publications.publish(r));
  },
  confirm: (fleet, podId, pick) => {
    const dataset = pick.one(datasets);
    const version = (pick.chance(0.8) && fleet.stored[dataset]) || someRecord(fleet, podId, pick);
    const validators = pick.one([undefined, { etag: `"${pick.int(9)}"` }, { lastModified: 'now' }, {}]);
    const request = { ...fleet.lease(pick), dataset, version, validators };
    return command(request, ({ publications }, r) => publications.confirm(r));
  },
  claim: (fleet, podId, pick) => {
    const dataset = pick.one(datasets);
    const permitId = (pick.chance(0.15) && fleet.permits[dataset][pick.int(3)]) || `p${pick.int(1e6)}`;
    fleet.notePermit(dataset, permitId);
    const request = claiming(fleet.lease(pick), permitId, {
      dataset,
      intervalMs,
      budget: { calls: 1 + pick.int(3), perMs: pick.one([intervalMs, intervalMs, 2 * intervalMs]) },
      callAgesMs: someAges(fleet, podId, dataset, pick),
      isRequested: pick.chance(0.3),
    });
    return command(request, ({ permits }, r) => permits.claim(r));
  },
  defer: (fleet, _, pick) => {
    const dataset = pick.one(datasets);
    const permitId = fleet.permits[dataset][pick.int(2)] ?? 'unknown';
    const request = { ...fleet.lease(pick), dataset, permitId, delayMs: pick.one([500, 4_000, 12_000]) };
    return command(request, ({ permits }, r) => permits.defer(r));
  },
  send: (fleet, podId, pick) => {
    const to = pick.one([...fleet.podIds, 'nobody']);
    const announcement = { kind: 'requested', dataset: 'rates', requestId: `r${pick.int(99)}`, from: podId } as const;
    return command({ to, announcement }, ({ connection }, r) => connection.send(r.to, r.announcement));
  },
} satisfies Record<string, Build>;

export type CommandName = keyof typeof builders;
