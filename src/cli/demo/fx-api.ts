/**
 * The demo's HTTP API: `GET /rates`, `GET /terms` and `GET /stats`, a real server on recorded data.
 *
 * It is the honest witness of a run: it counts every request for a dataset on arrival, refused and failed ones
 * included, apart from each other. The rate limit stands before everything else, as with real APIs: a call that fails
 * has spent its place. Clock: the wall clock for the log, a monotonic one for the limit; both can be replaced.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Call, type CallCounts, CallLog } from './fx-calls.ts';
import { answerWithFault, type Fault, type FaultScope, Faults, type FxDataset } from './fx-faults.ts';
import { type Advance, FxState } from './fx-state.ts';
import { type RateLimit, RateLimiter } from './rate-limit.ts';
import { recordedDays } from './recorded-days.ts';

export type FxApiOptions = Readonly<{
  /** 0: any free one. */
  port?: number;
  host?: string;
  /** Per dataset, over all callers. Default: none. */
  rateLimit?: RateLimit;
  /** Serve the first so many recorded days; default all of them. After the last comes the first. */
  days?: number;
  advance?: Advance;
  /** Wall clock, in ms since 1970. */
  now?: () => number;
  /** Never steps; for the rate limit. */
  monotonic?: () => number;
}>;

export type FxCalls = CallCounts & Readonly<{ log: readonly Call[] }>;

export type FxStats = Readonly<{
  datasets: Readonly<Record<FxDataset, CallCounts & Readonly<{ day: number; etag: string }>>>;
  /** Requests for no dataset, this one included. */
  other: number;
}>;

export type FxApi = Readonly<{
  /** Without a slash at its end. */
  url: string;
  calls(dataset: FxDataset): FxCalls;
  stats(): FxStats;
  /** Makes the next day current. */
  advance(dataset: FxDataset): void;
  fail(status: number, scope?: FaultScope): void;
  slow(delayMs: number, scope?: FaultScope): void;
  /** Takes the call and never answers. */
  hang(scope?: FaultScope): void;
  /** One byte now and then, for ever. */
  drip(scope?: FaultScope): void;
  garbage(scope?: FaultScope): void;
  html(scope?: FaultScope): void;
  /** Valid JSON that is no dataset. */
  wrongShape(scope?: FaultScope): void;
  empty(scope?: FaultScope): void;
  /** 500 MB. */
  flood(scope?: FaultScope): void;
  /** Ends the faults of that scope; without one, all. Calls that hang go on hanging. */
  heal(scope?: FaultScope): void;
  /** Ends all connections, calls that hang included. */
  close(): Promise<void>;
}>;

type Dataset = Readonly<{ state: FxState; log: CallLog; limiter: RateLimiter }>;

/** @throws when the port is taken, or when `days` is no number of recorded days */
export async function startFxApi(options: FxApiOptions = {}): Promise<FxApi> {
  const { port = 0, host = '127.0.0.1', now = Date.now, monotonic = () => performance.now() } = options;
  const datasets = datasetsOf(options, now());
  const faults = new Faults();
  let other = 0;
  const stats = (): FxStats => ({
    datasets: { rates: statsOf(datasets.rates), terms: statsOf(datasets.terms) },
    other,
  });

  const server = createServer((request, response) => {
    const path = request.url?.split('?', 1)[0];
    if (path === '/rates' || path === '/terms') {
      const name = path === '/rates' ? 'rates' : 'terms';
      serve(datasets[name], (pod) => faults.of(pod, name), now(), monotonic(), request, response);
      return;
    }
    other += 1;
    if (path === '/stats') sendJson(response, 200, stats());
    else sendJson(response, 404, { error: 'There are /rates, /terms and /stats.' });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });

  const address = server.address() as AddressInfo;
  const authority = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${authority}:${address.port}`,
    calls: (name) => ({ ...datasets[name].log.counts(), log: datasets[name].log.calls() }),
    stats,
    advance: (name) => datasets[name].state.advance(),
    ...faultSwitches(faults),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function faultSwitches(faults: Faults) {
  const switchFor = (kind: Exclude<Fault['kind'], 'status' | 'slow'>) => (scope?: FaultScope) =>
    faults.set({ kind }, scope);
  return {
    fail: (status: number, scope?: FaultScope) => faults.set({ kind: 'status', status }, scope),
    slow: (delayMs: number, scope?: FaultScope) => faults.set({ kind: 'slow', delayMs }, scope),
    hang: switchFor('hang'),
    drip: switchFor('drip'),
    garbage: switchFor('garbage'),
    html: switchFor('html'),
    wrongShape: switchFor('wrongShape'),
    empty: switchFor('empty'),
    flood: switchFor('flood'),
    heal: (scope?: FaultScope) => faults.heal(scope),
  };
}

function datasetsOf({ days, advance = 'perCall', rateLimit }: FxApiOptions, nowMs: number): Record<FxDataset, Dataset> {
  const recorded = recordedDays();
  if (days !== undefined && !(Number.isInteger(days) && days >= 1 && days <= recorded.length)) {
    throw new RangeError(`days: expected 1 to ${recorded.length}, the number of recorded days`);
  }
  const served = recorded.slice(0, days);
  const dataset = (contents: readonly unknown[]): Dataset => ({
    state: new FxState(contents, advance, nowMs),
    log: new CallLog(),
    limiter: new RateLimiter(rateLimit),
  });
  return { rates: dataset(served.map((day) => day.rates)), terms: dataset(served.map((day) => day.terms)) };
}

function statsOf({ log, state }: Dataset) {
  return { ...log.counts(), day: state.day, etag: state.etag };
}

function serve(
  { state, log, limiter }: Dataset,
  faultOf: (pod: string | undefined) => Fault | undefined,
  nowMs: number,
  monotonicMs: number,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { 'x-pod': podHeader, 'user-agent': userAgent } = request.headers;
  const pod = Array.isArray(podHeader) ? podHeader[0] : podHeader;
  const call = log.open(nowMs, pod, userAgent);
  response.once('close', () => {
    if (!response.writableFinished) call.cut();
  });

  if (request.method !== 'GET') {
    call.become('refused');
    sendJson(response, 405, { error: 'Only GET.' }, { allow: 'GET' });
    return;
  }
  const waitMs = limiter.take(monotonicMs);
  if (waitMs > 0) {
    call.become('limited');
    sendJson(response, 429, { error: 'Too many calls.' }, { 'retry-after': Math.ceil(waitMs / 1_000) });
    return;
  }
  const fault = faultOf(pod);
  if (fault && fault.kind !== 'slow') {
    call.become('faulted');
    answerWithFault(fault, response);
    return;
  }
  let isAnswered = false;
  const answer = () => {
    isAnswered = true;
    const { status, headers, body } = state.answer(request.headers);
    call.become(status === 304 ? 'notModified' : 'answered');
    response.writeHead(status, headers).end(body);
  };
  if (!fault) {
    answer();
    return;
  }
  const timer = setTimeout(answer, fault.delayMs);
  response.once('close', () => {
    clearTimeout(timer);
    if (!isAnswered) call.become('faulted');
  });
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string | number> = {},
) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
