/** Where everybody in a simulated fleet is, for a person who waits for something that does not come. */
import type { SimulatedPod } from './simulated-pod.ts';
import type { SimulatedRedis } from './simulated-redis.ts';
import type { Timeline } from './timeline.ts';

const most = { pods: 12, missing: 5, steps: 5 };

type World = Readonly<{ pods: readonly SimulatedPod[]; redis: SimulatedRedis }>;

export function describeFleet({ pods, redis }: World, missing: readonly string[], timeline: Timeline): string {
  const server = !redis.isRunning ? 'stopped' : redis.refusal ? `refusing (${redis.refusal})` : 'running';
  const shown = pods
    .slice(0, most.pods)
    .map((pod) => `  ${pod.id}: ${pod.state}${pod.isAwake ? `, ${stateOf(pod)}` : ''}`);
  const next = timeline.pending().slice(0, most.steps);
  const steps = next.map(
    ({ what, owner, atMs }) => `${what} of ${nameOf(owner)} in ${Math.round(atMs - timeline.nowMs)} ms`,
  );
  return [
    `Redis: ${server}; ${missing.slice(0, most.missing).join('; ') || 'converged'}`,
    ...shown,
    ...(pods.length > shown.length ? [`  … and ${pods.length - shown.length} more`] : []),
    `Next: ${steps.join('; ') || 'nothing'}`,
  ].join('\n');
}

/** `pod-1 to pod-5` */
export function nameRange(pods: readonly Readonly<{ name: string }>[]): string {
  return pods.length === 1 ? `${pods[0]?.name} only` : `${pods[0]?.name} to ${pods.at(-1)?.name}`;
}

function nameOf(owner: unknown): string {
  return (owner as { id?: string } | undefined)?.id ?? 'the world';
}

function stateOf(pod: SimulatedPod): string {
  return JSON.stringify(pod.manager.actor.getSnapshot().value);
}
