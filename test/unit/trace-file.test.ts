/** One format for every trace: what is written is read again, and a log of production is a trace, too. */
import { Writable } from 'node:stream';
import pino from 'pino';
import { describe, expect, test } from 'vitest';
import { readTrace, type TraceEntry, type TraceLine, traceText } from '../../machines/index.ts';
import { logTrace } from '../../src/logging.ts';
import { leaderElected, simulateFleet } from '../../src/testing/index.ts';

describe('a trace file', () => {
  test('of a simulation reads as it was written, every line', async () => {
    const fleet = await simulateFleet({ pods: 3, seed: 3, datasets: { rates: { refreshInterval: '1m' } } });
    await fleet.until(leaderElected);
    fleet.leader.crash();
    fleet.redis.wipe();
    await fleet.advance('2m');
    const written: readonly TraceLine[] = fleet.trace;
    expect(readTrace(traceText(written))).toEqual({ lines: written, refused: [] });
  });

  test('says which lines are none of a trace, and passes over what was never meant as one', () => {
    const text = ['{"type":"redis.up","at":1,"podId":"a"}', '{"type":"redis.up","at":"soon"}', '', 'words', '{"a":1}'];
    const wrong = '{"type":"lease.granted","at":2,"podId":"a"}';
    const { lines, refused } = readTrace([...text, wrong].join('\n'));
    expect(lines).toEqual([{ type: 'redis.up', at: 1, podId: 'a' }]);
    expect(refused).toEqual([6]);
  });
});

describe('the log of a service', () => {
  const entries: TraceEntry[] = [
    { type: 'redis.up', at: 0, podId: 'a' },
    { type: 'role.changed', at: 0, podId: 'a', from: 'candidate', to: 'leader', cause: 'lease acquired, epoch 4' },
    { type: 'lease.granted', at: 0, podId: 'a', epoch: 4, cause: 'acquired' },
    { type: 'source.called', at: 0, podId: 'a', dataset: 'rates', permitId: 'p' },
  ];

  // Lines are ordered by their times, and this machine's clock may be set back between two of them.
  let now = Date.UTC(2026, 0, 1);
  const nextMs = () => {
    now += 1;
    return now;
  };

  function logOf(options: pino.LoggerOptions): string {
    let text = '';
    const stream = new Writable({
      write: (chunk, _, done) => {
        text += chunk;
        done();
      },
    });
    const logger = pino(options, stream);
    logger.info('Listening on 0.0.0.0:8080');
    for (const entry of entries) logTrace(logger, entry, { mode: 'distributed', records: () => ({}) });
    return text;
  }

  test.each([
    ['as pino writes it', { timestamp: () => `,"time":${nextMs()}` }, (text: string) => text],
    [
      'with times as text, as pino.stdTimeFunctions.isoTime writes them',
      { timestamp: () => `,"time":"${new Date(nextMs()).toISOString()}"` },
      (text: string) => text,
    ],
    [
      'behind the prefix of kubectl logs',
      { timestamp: () => `,"time":${nextMs()}` },
      (text: string) => text.replaceAll(/^(?=.)/gm, '[pod/hedging-0/service] '),
    ],
  ])('%s is a trace: one line a fact', (_, options, changed) => {
    const { lines, refused } = readTrace(changed(logOf(options)));
    expect(refused).toEqual([]);
    expect(lines).toEqual(entries.map((entry) => ({ ...entry, at: expect.any(Number) })));
  });
});
