/**
 * Bugs that the checker must find: each breaks one rule of the protocol, in a machine, a script or the durations.
 * `npm run mutants` lists them beside the others.
 */
import { type AnyStateMachine, StateMachine } from 'xstate';
import type { Sabotage } from '../../src/testing/explore/redis-model.ts';
import type { ExploreOptions } from '../../src/testing/explore.ts';

export type Bug = Readonly<{
  what: string;
  breaks: string;
  /** The shortest way there has at most so many steps. Default: 16. */
  steps?: number;
  /** What is explored, sound as it is. */
  options: ExploreOptions;
  broken: Pick<ExploreOptions, 'bugs' | 'bounds'>;
}>;

export function brokenOptions({ options, broken }: Bug): ExploreOptions {
  return { ...options, ...broken, bounds: { ...options.bounds, ...broken.bounds } };
}

type Config = { [name: string]: unknown };

/** The machine without one of its guards: every transition that named it is taken whatever it said. */
function withoutGuard(machine: AnyStateMachine, guard: string, always: boolean): AnyStateMachine {
  const { guards, ...others } = machine.implementations;
  return new StateMachine(machine.config, {
    ...others,
    guards: { ...guards, [guard]: () => always },
  } as never) as unknown as AnyStateMachine;
}

const script =
  (store: string, method: string, change: (request: Config, keys: Parameters<Sabotage>[1]) => Config): Sabotage =>
  (command, keys) =>
    command.store === store && command.method === method
      ? { ...command, request: change(command.request as Config, keys) }
      : command;

const both =
  (...sabotages: Sabotage[]): Sabotage =>
  (command, keys) =>
    sabotages.reduce((now, sabotage) => sabotage(now, keys), command);

/** As if the lock were always the caller's. */
const asHolder = (request: Config, keys: Parameters<Sabotage>[1]): Config => {
  const [podId, epoch] = (keys.leaderLock?.value ?? '').split('#');
  if (!podId) return request;
  keys.lease = { ...keys.lease, epoch: Number(epoch) };
  return { ...request, podId, epoch: Number(epoch) };
};

export const bugs: readonly Bug[] = [
  {
    what: 'publish without a fence',
    breaks: 'fenced',
    options: {
      pods: 1,
      faults: ['delayRequest', 'crash'],
      bounds: { faults: 2, grace: 1, leaseTtl: 2, interval: 2 },
    },
    broken: {
      bugs: {
        script: script('publications', 'publish', (request, keys) => {
          // The record itself still says under which epoch it was made.
          return asHolder(request, keys);
        }),
      },
    },
  },
  {
    what: 'a belief window that is not shorter than the grace',
    breaks: 'oneLeader',
    options: { faults: ['silence'] },
    broken: { bounds: { beliefWindow: 2, grace: 1 } },
  },
  {
    what: 'an uncertain leader that goes on claiming',
    breaks: 'confirmed',
    options: {
      faults: ['delayReply'],
    },
    broken: {
      bugs: {
        machine: (name, machine) => (name === 'refresh' ? withoutGuard(machine, 'leaseIsUnconfirmed', false) : machine),
      },
    },
  },
  {
    what: 'epochs that start anew when Redis has lost its data',
    breaks: 'epochs',
    options: {
      faults: ['wipe'],
    },
    broken: {
      bugs: {
        script: both(
          script('lease', 'acquire', (request) => ({ ...request, seenEpoch: 0 })),
          script('data', 'poll', (request) => ({ ...request, seenEpoch: 0 })),
        ),
      },
    },
  },
  {
    what: 'no hold after Redis has lost its data',
    breaks: 'oneLeader',
    options: {
      faults: ['wipe'],
    },
    broken: {
      bugs: { script: script('lease', 'acquire', (request) => ({ ...request, graceMs: 0 })) },
    },
  },
  {
    what: 'a restore that overwrites what is newer',
    breaks: 'kept',
    options: {
      pods: 1,
      faults: ['delayRequest', 'evict'],
      bounds: { contents: 2, faults: 2 },
    },
    broken: {
      bugs: {
        script: script('data', 'restore', (request, keys) => {
          if (typeof keys.dataVersion === 'object') keys.dataVersion = { ...keys.dataVersion, datasets: {} };
          return request;
        }),
      },
    },
  },
  {
    what: 'publish without the version that is expected',
    breaks: 'kept',
    steps: 20,
    options: {
      pods: 1,
      faults: ['delayRequest'],
      bounds: { contents: 2 },
    },
    broken: {
      bugs: {
        script: script('publications', 'publish', (request, keys) => {
          if (typeof keys.dataVersion === 'object') keys.dataVersion = { ...keys.dataVersion, datasets: {} };
          return { ...request, expected: undefined };
        }),
      },
    },
  },
  {
    what: 'a source call without a permit',
    breaks: 'budget',
    options: {
      faults: ['crash'],
      bounds: { epochs: 2, contents: 1 },
    },
    broken: {
      bugs: {
        script: script('permits', 'claim', (request, keys) => {
          keys.schedule.clear();
          return { ...request, callAgesMs: [] };
        }),
      },
    },
  },
  {
    what: 'calls that are not reported to a Redis that lost them',
    breaks: 'budget',
    options: {
      faults: ['wipe'],
    },
    broken: {
      bugs: {
        script: both(
          script('permits', 'claim', (request) => ({ ...request, callAgesMs: [] })),
          script('data', 'poll', (request) => ({ ...request, callAgesMs: {} })),
        ),
      },
    },
  },
];
