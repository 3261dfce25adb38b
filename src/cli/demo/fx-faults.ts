/** What can be wrong with an API, switched on by method calls. A fault answers in place of the dataset. */
import type { ServerResponse } from 'node:http';

export type FxDataset = 'rates' | 'terms';

/** Whom a fault meets; what is left out means all. A pod is known by its header `x-pod`. */
export type FaultScope = Readonly<{ pod?: string; dataset?: FxDataset }>;

export type Fault =
  | Readonly<{ kind: 'status'; status: number }>
  /** A good answer, late. */
  | Readonly<{ kind: 'slow'; delayMs: number }>
  | Readonly<{ kind: 'hang' | 'drip' | 'garbage' | 'html' | 'wrongShape' | 'empty' | 'flood' }>;

const floodBytes = 500_000_000;
const dripIntervalMs = 50;

export class Faults {
  readonly #active: { scope: FaultScope; fault: Fault }[] = [];

  /** Replaces an earlier fault of the very same scope. */
  set(fault: Fault, scope: FaultScope = {}): void {
    this.#remove((other) => other.pod === scope.pod && other.dataset === scope.dataset);
    this.#active.push({ scope, fault });
  }

  /** Without a scope all faults; else those of this pod, of this dataset, or of this pod's calls for it. */
  heal({ pod, dataset }: FaultScope = {}): void {
    this.#remove((other) => (pod ?? other.pod) === other.pod && (dataset ?? other.dataset) === other.dataset);
  }

  /** The last one set that meets this caller. */
  of(pod: string | undefined, dataset: FxDataset): Fault | undefined {
    return this.#active.findLast(({ scope }) => (scope.pod ?? pod) === pod && (scope.dataset ?? dataset) === dataset)
      ?.fault;
  }

  #remove(isMeant: (scope: FaultScope) => boolean): void {
    const kept = this.#active.filter(({ scope }) => !isMeant(scope));
    this.#active.splice(0, this.#active.length, ...kept);
  }
}

const json = { 'content-type': 'application/json; charset=utf-8' };

/** Answers with the fault. All end when the client goes, or when the server closes its connections. */
export function answerWithFault(fault: Exclude<Fault, { kind: 'slow' }>, response: ServerResponse): void {
  switch (fault.kind) {
    case 'status':
      response.writeHead(fault.status, json).end(JSON.stringify({ error: `status ${fault.status}, as was asked for` }));
      return;
    case 'hang':
      return;
    case 'drip':
      drip(response);
      return;
    case 'garbage':
      response.writeHead(200, json).end(Buffer.from('7b22fffe0000deadbeef', 'hex'));
      return;
    case 'html':
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!doctype html>\n<title>Scheduled maintenance</title>\n');
      return;
    case 'wrongShape':
      response.writeHead(200, json).end(JSON.stringify({ date: 'soon', rates: [], terms: { eurusd: 'ask again' } }));
      return;
    case 'empty':
      response.writeHead(200, json).end();
      return;
    case 'flood':
      flood(response);
  }
}

/** Valid JSON for as long as it lasts, and it lasts for ever. */
function drip(response: ServerResponse): void {
  response.writeHead(200, json).write('{');
  const timer = setInterval(() => response.write(' '), dripIntervalMs);
  response.once('close', () => clearInterval(timer));
}

function flood(response: ServerResponse): void {
  response.writeHead(200, json);
  const chunk = Buffer.alloc(65_536, ' ');
  let sentBytes = 0;
  const send = (): void => {
    while (!response.destroyed && sentBytes < floodBytes) {
      sentBytes += chunk.byteLength;
      if (!response.write(chunk)) {
        response.once('drain', send);
        return;
      }
    }
    response.end();
  };
  send();
}
