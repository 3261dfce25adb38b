/** Faults of the source, and requests for refreshes by hand: what the budget has to hold. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Behaviour } from '../../harness/counting-source.ts';
import { anyOf, between, type Fault } from './fault.ts';

const behaves = (kind: string, behaviour: Behaviour): Fault => ({
  kind,
  resource: 'source',
  lastsMs: between(1_000, 7_000),
  inject: async ({ source }) => {
    source.behave(behaviour);
    return () => source.behave('fine');
  },
});

export const sourceFaults: readonly Fault[] = [
  behaves('the source is down', 'broken'),
  behaves('the source does not answer', 'hanging'),
  behaves('the source answers with something else', 'garbage'),
  behaves('the source answers with HTML', 'html'),
  behaves('the source limits the rate', 'rateLimited'),
  behaves('the source has nothing new', 'unchanged'),
  {
    kind: 'the source is slow',
    resource: 'source',
    lastsMs: between(1_000, 7_000),
    inject: async ({ source }, picker) => {
      source.takeMs(200 + picker.int(1_600));
      return () => source.takeMs(0);
    },
  },
  {
    kind: 'the source is down for the leader alone',
    resource: 'source',
    lastsMs: between(3_000, 9_000),
    inject: async ({ source, fleet }) => {
      const podId = fleet.leader()?.pod.podId;
      if (podId === undefined) return undefined;
      source.brokenFor.add(podId);
      return () => {
        source.brokenFor.delete(podId);
      };
    },
  },
  {
    kind: 'refreshes are requested',
    resource: 'requests',
    lastsMs: between(0, 0),
    inject: async ({ fleet, journal, signal }, picker) => {
      for (let left = 8 + picker.int(12); left > 0; left -= 1) {
        const slot = anyOf(fleet.awake, picker);
        slot?.pod.refresh().then(
          (result) => journal.noteAct(`${slot.pod.podId} asked for a refresh: ${JSON.stringify(result)}`),
          (error: Error) => journal.noteAct(error.message),
        );
        await sleep(picker.int(600), undefined, { signal });
      }
      return () => undefined;
    },
  },
];
