/** Every row of the fault table (docs/failover.md) is told by a scenario, or it is said here why it can't be. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readTable } from '../failover/fault-table.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** What virtual time can't show, or not as one story: the seeds of the swarm do, or real processes alone. */
const elsewhere: Readonly<Record<string, string>> = {
  'SIGKILL, its publication still on the way': 'a moment within a command: the swarm',
  'SIGKILL, its publication landed without its reply': 'a moment within a command: the swarm',
  'SIGKILL, its renewal still on the way': 'a moment within a command: the swarm',
  'Killed while the leader renews': 'a moment within a command: the swarm',
  '`maxmemory` with `allkeys-lru`': 'what real Redis evicts is its own choice',
  'A restore overrides a newer publication of a lower number': 'two rollbacks that meet: the swarm',
  'Out of memory, then the lease is lost': 'two faults at once: the swarm',
  '`PUBSUB` forbidden': 'the memory store forbids nothing',
  'A leader that is heard and never hears': 'takes a connection that stays open in silence: ioredis closes it',
  'Cluster: the slot moves': 'one node is simulated',
  'Cluster: the node is lost, a replica takes over': 'one node is simulated',
  'Cluster: the node is lost and comes back empty': 'one node is simulated',
  'Redis’ clock runs three times too fast': 'its clock can be set, not skewed',
  'No JSON at all': 'sources answer values, not bytes',
  'A pod’s schema refuses a version': 'all pods of a simulated fleet have one schema',
  'Two fleets in one Redis': 'one fleet is simulated',
};

function told(): string[] {
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith('.txt'))
    .map((name) => readFileSync(`${folder}${name}`, 'utf8'));
  return texts.flatMap((text) => [...text.matchAll(/^# Row: (.+)$/gm)].map(([, row = '']) => row));
}

test('every row of the fault table is a scenario, or has a reason why not', () => {
  const rows = readTable().map(({ fault }) => fault);
  const covered = [...told(), ...Object.keys(elsewhere)];
  expect(rows.filter((row) => !covered.includes(row))).toEqual([]);
  expect(covered.filter((row) => !rows.includes(row))).toEqual([]);
  expect(told().filter((row) => row in elsewhere)).toEqual([]);
});
