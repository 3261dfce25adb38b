/** The judges themselves: each passes a good trace and turns red on a bad one, and on no other judge's. */
import { expect, test } from 'vitest';
import { invariants, judge } from '../../machines/invariants.ts';
import { failure } from '../harness/samples.ts';
import {
  applied,
  broken,
  called,
  ended,
  expectations,
  granted,
  published,
  rejected,
  type Step,
  traceOf,
  version,
} from './invariants/steps.ts';

/** Two leaders after each other, a refused version, an outage, a crash. */
const good: readonly Step[] = [
  [0, 'a', granted(1)],
  [10, 'a', called('p1')],
  [20, 'a', published(1, 1)],
  [21, 'a', applied(1, 1)],
  [22, 'b', applied(1, 1)],
  [500, 'a', { type: 'lease.uncertain', epoch: 1 }],
  [600, 'a', { type: 'lease.confirmed', epoch: 1 }],
  [700, 'a', called('p2')],
  [710, 'a', published(2, 1)],
  [711, 'b', rejected(2)],
  [712, 'a', applied(2, 1)],
  [800, 'a', { type: 'pod.crashed' }],
  [2_300, 'b', granted(2)],
  [2_400, 'b', called('p3')],
  [2_410, 'b', published(3, 2, 'b')],
  [2_411, 'b', applied(3, 2, 'b')],
  [2_500, 'b', { type: 'redis.down', failure: failure('unreachable') }],
  [2_900, 'c', granted(3)],
];

test('a good trace breaks no promise, in whatever order its entries are handed over', () => {
  expect(broken(good)).toEqual([]);
  expect(broken(good.toReversed())).toEqual([]);
  expect(broken([])).toEqual([]);
});

test.each<[string, readonly Step[], string]>([
  [
    'a publication under a lower epoch after one under a higher',
    [
      [10, 'a', published(1, 2)],
      [20, 'b', published(2, 1, 'b')],
    ],
    'fenced@20',
  ],
  [
    'an epoch granted twice',
    [
      [10, 'a', granted(4)],
      [11, 'a', ended(4)],
      [20, 'b', granted(4)],
    ],
    'epochs@20',
  ],
  [
    'an epoch lower than one before',
    [
      [10, 'a', granted(4)],
      [11, 'a', ended(4)],
      [20, 'b', granted(3)],
    ],
    'epochs@20',
  ],
  [
    'a pod that goes back to a lower version',
    [
      [10, 'b', applied(2, 1)],
      [20, 'b', applied(1, 1)],
    ],
    'versions@20',
  ],
  [
    'a pod that applies one version twice',
    [
      [10, 'b', applied(2, 1)],
      [20, 'b', applied(2, 1)],
    ],
    'versions@20',
  ],
  [
    'one version with two contents',
    [
      [10, 'b', applied(2, 1)],
      [20, 'c', { ...applied(2, 1), record: { ...version(2, 1), sha256: 'f'.repeat(64) } }],
    ],
    'versions@20',
  ],
  [
    'one version published with one content and applied with another',
    [
      [10, 'a', published(2, 1)],
      [20, 'c', { ...applied(2, 1), record: { ...version(2, 1), sha256: 'f'.repeat(64) } }],
    ],
    'versions@20',
  ],
  [
    'a pod that serves what it refused',
    [
      [10, 'b', rejected(2)],
      [20, 'b', applied(2, 1)],
    ],
    'verified@20',
  ],
  [
    'three calls in a window that allows two',
    [
      [0, 'a', called('p1')],
      [500, 'a', called('p2')],
      [999, 'b', called('p3')],
    ],
    'budget@999',
  ],
  [
    'two pods that believe that they lead',
    [
      [0, 'a', granted(1)],
      [900, 'b', granted(2)],
    ],
    'oneLeader@900',
  ],
  [
    'a leader that believes again when another does',
    [
      [0, 'a', granted(1)],
      [1, 'a', { type: 'lease.uncertain', epoch: 1 }],
      [5, 'b', granted(2)],
      [9, 'a', { type: 'lease.confirmed', epoch: 1 }],
    ],
    'oneLeader@9',
  ],
  [
    'a source call under a lease that is unconfirmed',
    [
      [0, 'a', granted(1)],
      [5, 'a', { type: 'lease.uncertain', epoch: 1 }],
      [9, 'a', called('p1')],
    ],
    'confirmed@9',
  ],
  [
    'a publication that Redis took under a lower epoch than it remembers',
    [[0, '', { type: 'redis.holds', dataset: 'rates', record: version(2, 1), publishedAfter: 2 }]],
    'fenced@0',
  ],
  [
    'a Redis that goes back to a lower version',
    [
      [0, '', { type: 'redis.holds', dataset: 'rates', record: version(2, 1) }],
      [9, '', { type: 'redis.holds', dataset: 'rates', record: version(1, 2) }],
    ],
    'kept@9',
  ],
])('%s is caught, by its own judge alone', (_what, steps, violation) => {
  expect(broken(steps)).toEqual([violation]);
  const promise = violation.split('@')[0] as string;
  expect(Object.keys(invariants)).toContain(promise);
});

test('every judge is shown to catch something', () => {
  expect(Object.keys(invariants).sort()).toEqual([
    'budget',
    'confirmed',
    'epochs',
    'fenced',
    'kept',
    'oneLeader',
    'verified',
    'versions',
  ]);
});

test('violations are sentences that name pods and versions, in the order in which they happened', () => {
  const steps: Step[] = [
    [0, 'a', granted(1)],
    [9, 'b', granted(2)],
    [5, 'c', applied(3, 1)],
    [7, 'c', applied(2, 1)],
  ];
  expect(judge(traceOf(steps), expectations)).toEqual([
    { promise: 'versions', at: 7, sentence: 'c went from revision 3 (epoch 1, a) of rates to revision 2 (epoch 1, a)' },
    { promise: 'oneLeader', at: 9, sentence: 'b and a both believe that they lead' },
  ]);
});
