/** The ways to every state of the pod machine. */
import type { FleetView, ObservedLock, PodInput } from '../../../machines/index.ts';
import { failure, lockOf, plan, poll, timing } from '../../harness/samples.ts';
import { type ScriptedPod, scriptPod } from '../../harness/scripted-actors.ts';

export const renewed = { outcome: 'renewed', beliefLeftMs: timing.beliefWindowMs } as const;
export const theirs: ObservedLock = lockOf('pod-b', 4);
/** Third of four waiters. */
export const fleet: FleetView = { size: 5, rank: 3, turn: 2, turns: 4 };

type Input = Partial<PodInput>;

/** Connected: asks for the lease, and polls. */
export async function acquiring(input: Input = {}): Promise<ScriptedPod> {
  const pod = scriptPod(input);
  await pod.hear({ type: 'redis.up' });
  return pod;
}

/** `pod-b` leads under epoch 4, and this pod has polled. */
export async function watching(input: Input = {}, untilTurnMs = 20_000): Promise<ScriptedPod> {
  const pod = await acquiring(input);
  await pod.answer('poll', poll({ lock: theirs, fleet, untilTurnMs, epoch: 4 }));
  await pod.answer('acquireLease', { outcome: 'held', lock: theirs });
  return pod;
}

export async function checking(input: Input = {}): Promise<ScriptedPod> {
  const pod = await watching(input, 1_000);
  await pod.clock.advance(1_000);
  return pod;
}

export async function ripening(): Promise<ScriptedPod> {
  const pod = await checking();
  await pod.answer('takeOverLease', { outcome: 'tooYoung', waitMs: 321 });
  return pod;
}

/** Granted under epoch 7; has not synced yet. */
export async function catchingUp(input: Input = {}): Promise<ScriptedPod> {
  const pod = await acquiring(input);
  await pod.always('renewLease', renewed);
  await pod.answer('acquireLease', { outcome: 'granted', epoch: 7, beliefLeftMs: timing.beliefWindowMs });
  return pod;
}

/** Synced, and asks for a permit for each dataset. */
export async function refreshing(input: Input = {}): Promise<ScriptedPod> {
  const pod = await catchingUp(input);
  await pod.answer('poll', poll({ lock: lockOf('pod-a', 7), fleet, epoch: 7 }));
  return pod;
}

/** Redis stopped answering renewals one belief window ago. */
export async function uncertain(journey: () => Promise<ScriptedPod> = refreshing): Promise<ScriptedPod> {
  const pod = await journey();
  pod.noLonger('renewLease');
  await pod.clock.advance(timing.renewIntervalMs + timing.beliefWindowMs);
  return pod;
}

/** The third refresh in a row has failed. */
export async function yielding(input: Input = {}): Promise<ScriptedPod> {
  const pod = await refreshing({ plans: [plan('rates', { failuresBeforeYield: 1 })], ...input });
  await failCall(pod);
  return pod;
}

export async function failCall(pod: ScriptedPod): Promise<void> {
  await pod.answer('claimPermit', { outcome: 'granted', permitId: 'permit' });
  await pod.fail('callSource', failure('sourceFailed', 'status 500'));
  await pod.answer('deferCall', { delayMs: 15_000 });
}

export async function resting(): Promise<ScriptedPod> {
  const pod = await yielding();
  await pod.answer('yieldLease', { outcome: 'yielded' });
  return pod;
}

/** A source call is under way. */
export async function fetching(input: Input = {}): Promise<ScriptedPod> {
  const pod = await refreshing(input);
  await pod.answer('claimPermit', { outcome: 'granted', permitId: 'permit-1' });
  return pod;
}

/** Stopping, and a source call is under way. */
export async function finishing(input: Input = {}): Promise<ScriptedPod> {
  const pod = await fetching(input);
  await pod.send({ type: 'pod.stop' });
  return pod;
}

/** Asked to step down, while a source call is under way. */
export async function handingOver(input: Input = {}): Promise<ScriptedPod> {
  const pod = await fetching(input);
  await pod.hear({ type: 'announcement.stepdown' });
  return pod;
}

/** Asked to step down, with nothing under way. */
export async function offering(): Promise<ScriptedPod> {
  const pod = await refreshing();
  await pod.answer('claimPermit', { outcome: 'notDue', waitMs: 200_000 });
  await pod.hear({ type: 'announcement.stepdown' });
  return pod;
}

export async function refused(): Promise<ScriptedPod> {
  const pod = await acquiring();
  await pod.fail('poll', failure('misconfigured', 'NOAUTH'));
  return pod;
}

async function leaving(): Promise<ScriptedPod> {
  const pod = await watching();
  await pod.send({ type: 'pod.stop' });
  return pod;
}

async function releasing(): Promise<ScriptedPod> {
  const pod = await catchingUp();
  await pod.send({ type: 'pod.stop' });
  return pod;
}

async function then(pod: Promise<ScriptedPod>, step: (pod: ScriptedPod) => Promise<void>): Promise<ScriptedPod> {
  await step(await pod);
  return pod;
}

/** Every state that a pod can rest in, but the last one. */
export const journeys: Readonly<Record<string, () => Promise<ScriptedPod>>> = {
  starting: async () => scriptPod(),
  'online.candidate.acquiring': acquiring,
  'online.candidate.onHold': () =>
    then(acquiring(), (pod) => pod.answer('acquireLease', { outcome: 'onHold', waitMs: 1_500 })),
  'online.candidate.queueing': () =>
    then(watching(), (pod) => pod.hear({ type: 'announcement.released', podId: 'pod-b', epoch: 4 })),
  'online.candidate.retrying': () => then(acquiring(), (pod) => pod.fail('acquireLease', failure('timeout'))),
  'online.follower.watching': watching,
  'online.follower.checking': checking,
  'online.follower.ripening': ripening,
  'online.follower.resting': resting,
  'online.leader.catchingUp': catchingUp,
  'online.leader.refreshing': refreshing,
  'online.leader.uncertain': uncertain,
  'online.leader.yielding': yielding,
  'online.leader.handingOver': handingOver,
  'online.leader.offering': offering,
  'online.leader.finishing': finishing,
  'degraded.disconnected': () =>
    then(acquiring(), (pod) => pod.hear({ type: 'redis.down', failure: failure('unreachable') })),
  'degraded.refused': refused,
  standalone: async () => scriptPod({ mode: 'standalone' }),
  'stopping.releasing': releasing,
  'stopping.leaving': leaving,
};

/** The outside world that this pod works on now. */
export function begun(pod: ScriptedPod): string[] {
  const leaves = ['claimPermit', 'callSource', 'publishRevision', 'confirmRevision'] as const;
  return leaves.filter((leaf) => pod.open(leaf) > 0);
}
