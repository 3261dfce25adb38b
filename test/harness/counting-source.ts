/** A real HTTP API that counts who called it and when, and whose faults the test switches. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Call = Readonly<{ at: number; podId: string }>;
type Behaviour = 'fine' | 'unchanged' | 'broken' | 'html' | 'garbage' | 'rateLimited' | 'hanging';

export async function startCountingSource() {
  const calls: Call[] = [];
  let behaviour: Behaviour = 'fine';
  const brokenFor = new Set<string>();
  const server = createServer((request, response) => {
    const podId = String(request.headers['x-pod'] ?? '');
    calls.push({ at: Date.now(), podId });
    const current = brokenFor.has(podId) ? 'broken' : behaviour;
    const json = (status: number, body: unknown, headers = {}) =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    if (current === 'hanging') return;
    if (current === 'broken') json(500, { error: 'down' });
    else if (current === 'rateLimited') json(429, { error: 'slow down' }, { 'retry-after': '2' });
    else if (current === 'html') response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>hello</h1>');
    else if (current === 'garbage') json(200, { day: 17 });
    else json(200, { day: current === 'unchanged' ? 'same' : `day-${calls.length}` });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/rates`,
    calls,
    brokenFor,
    behave: (next: Behaviour) => {
      behaviour = next;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

export type CountingSource = Awaited<ReturnType<typeof startCountingSource>>;
