/** The process behind `PodProcess`: one manager with one dataset from an HTTP API, reporting over IPC. */
import type { InspectionEvent } from 'xstate';
import { z } from 'zod';
import { createDataManager, httpSource } from '../../src/index.ts';
import type { PodCommand, PodReply, PodSettings, PodState, Reign } from './pod-process.ts';

const settings = JSON.parse(process.env.POD ?? '{}') as PodSettings;
const Rates = z
  .looseObject({ day: z.string() })
  .refine((rates) => !settings.requiredKey || settings.requiredKey in rates, `needs the key ${settings.requiredKey}`);

const tell = (reply: PodReply) => {
  if (process.connected) process.send?.(reply);
};

const taken = new Set<string>();
function noteTransitions(event: InspectionEvent): void {
  if (event.type !== '@xstate.microstep') return;
  for (const { source, target = [] } of event._transitions) {
    for (const { id } of target) {
      const name = `${source.id} ${id}`;
      if (taken.has(name)) continue;
      taken.add(name);
      tell({ kind: 'transition', source: source.id, target: id });
    }
  }
}

const manager = createDataManager({
  inspect: noteTransitions,
  namespace: settings.namespace ?? 'test',
  redis: settings.redis,
  podId: settings.podId,
  logger: false,
  ...(settings.leaseTtl && { leaseTtl: settings.leaseTtl }),
  ...(settings.timing && { timing: settings.timing }),
  datasets: {
    rates: {
      schema: Rates,
      source: httpSource({ url: settings.url, headers: { 'x-pod': settings.podId }, timeLimit: '2s' }),
      refreshInterval: settings.refreshInterval ?? '1s',
      ...(settings.budget && { budget: settings.budget }),
    },
  },
});

manager.on('*', (entry) => tell({ kind: 'trace', entry }));

process.on('message', async (command: PodCommand) => {
  const { id, ask } = command;
  if (ask === 'refresh') tell({ kind: 'answer', id, answer: await manager.refresh('rates', { timeout: '5s' }) });
  if (ask === 'stepDown') tell({ kind: 'answer', id, answer: await manager.stepDown({ timeout: '5s' }) });
  if (ask === 'state') {
    const version = manager.version('rates');
    const answer: PodState = {
      at: Date.now(),
      role: manager.role(),
      isLeader: manager.isLeader(),
      epoch: manager.leader()?.epoch ?? 0,
      revision: version.revision,
      day: version.revision > 0 ? manager.get('rates').day : null,
      isValid: version.isValid,
      failure: manager.actor.getSnapshot().context.failure,
    };
    tell({ kind: 'answer', id, answer });
  }
  if (command.ask === 'block') {
    const until = performance.now() + command.forMs;
    while (performance.now() < until);
    tell({ kind: 'answer', id, answer: manager.isLeader() });
  }
});

/** Asks `isLeader()` all the time, and tells the stretches in which every answer was yes. */
const askEveryMs = 10;
let reign: Reign | undefined;
setInterval(() => {
  const now = Date.now();
  const isLeader = manager.isLeader();
  const isUnbroken = reign && now - reign.to <= 5 * askEveryMs;
  if (reign && (!isLeader || !isUnbroken || now - reign.from > 500)) {
    tell({ kind: 'reign', ...reign });
    reign = undefined;
  }
  if (isLeader) reign = { from: reign?.from ?? now, to: now };
}, askEveryMs).unref();

process.on('SIGTERM', async () => {
  await manager.stop();
  process.disconnect?.();
});
process.on('disconnect', () => process.exit());
await manager.start();
