/** A real HTTP API that counts who called it and when, and whose faults the test switches. */
import { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type Call = Readonly<{ at: number; podId: string }>;
export type Behaviour = 'fine' | 'unchanged' | 'broken' | 'html' | 'garbage' | 'rateLimited' | 'hanging' | 'slow';

export async function startCountingSource() {
  const calls: Call[] = [];
  let behaviour: Behaviour = 'fine';
  let retryAfterS = 2;
  let extra: Record<string, unknown> = {};
  const held: (() => void)[] = [];
  const brokenFor = new Set<string>();
  const events = new EventEmitter<{ call: [Call] }>();
  let answerMs = 0;
  const server = createServer(async (request, response) => {
    const podId = String(request.headers['x-pod'] ?? '');
    const call = { at: Date.now(), podId };
    calls.push(call);
    events.emit('call', call);
    if (answerMs > 0) await sleep(answerMs);
    const current = brokenFor.has(podId) ? 'broken' : behaviour;
    const json = (status: number, body: unknown, headers = {}) =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    if (current === 'hanging') return;
    if (current === 'broken') json(500, { error: 'down' });
    else if (current === 'rateLimited') json(429, { error: 'slow down' }, { 'retry-after': String(retryAfterS) });
    else if (current === 'html') response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>hello</h1>');
    else if (current === 'garbage') json(200, { day: 17 });
    else {
      const answer = { ...extra, day: current === 'unchanged' ? 'same' : `day-${calls.length}` };
      if (current === 'slow') held.push(() => json(200, answer));
      else json(200, answer);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/rates`,
    calls,
    /** Told when a call arrives, before it is answered. */
    events,
    brokenFor,
    /** Every answer takes so long. */
    takeMs: (ms: number) => {
      answerMs = ms;
    },
    behave: (next: Behaviour) => {
      behaviour = next;
    },
    /** Seconds, told with `rateLimited`. */
    askForPause: (seconds: number) => {
      retryAfterS = seconds;
    },
    /** Every document has these keys as well. */
    add: (keys: Record<string, unknown>) => {
      extra = keys;
    },
    /** Answers all that was asked while it was `slow`. */
    answer: () => {
      for (const send of held.splice(0)) send();
    },
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

export type CountingSource = Awaited<ReturnType<typeof startCountingSource>>;
