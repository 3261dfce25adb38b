/**
 * What the pages are told: the state of all when a page comes, news afterwards, many lines in one message.
 *
 * Remembers, bounded, what a page needs to begin with: each pod's last status and charts, and the last lines.
 * Cost while nobody watches: that memory, and whatever its owner tells meanwhile; `onWatched` lets an owner tell less.
 */
import type { ServerResponse } from 'node:http';
import type { ChartStep, FleetStatus, PodStatus, TraceLine } from '../../../machines/index.ts';

/** An eye sees no more than ten a second. */
const batchMs = 100;
const mostLines = 2_000;
/** A status that says nothing new is told so often all the same: it shows that the pod is there. */
const heartbeatMs = 5_000;
/** Goes through proxies that close silent connections, and finds those that are gone. */
const keepaliveMs = 15_000;
/** A page that takes nothing in is let go; it comes back by itself and begins anew. */
const mostBufferedBytes = 8 * 1024 * 1024;

export class DashboardFeed {
  readonly #now: () => number;
  readonly #viewers = new Set<ServerResponse>();
  readonly #statuses = new Map<string, PodStatus>();
  readonly #charts = new Map<string, Map<string, ChartStep>>();
  readonly #lines: TraceLine[] = [];
  readonly #onWatched: (isWatched: boolean) => void;
  #fleet: FleetStatus | undefined;
  #news: TraceLine[] = [];
  #batchTimer: NodeJS.Timeout | undefined;
  #keepaliveTimer: NodeJS.Timeout | undefined;

  constructor({
    now = Date.now,
    onWatched = () => {},
  }: { now?: () => number; onWatched?: (is: boolean) => void } = {}) {
    this.#now = now;
    this.#onWatched = onWatched;
  }

  get isWatched(): boolean {
    return this.#viewers.size > 0;
  }

  tell(line: TraceLine): void {
    if (!this.#remember(line) || !this.isWatched) return;
    this.#news.push(line);
    this.#batchTimer ??= setTimeout(() => this.#sendNews(), batchMs);
  }

  /** Takes the response over until the page goes, or `close`. */
  watch(response: ServerResponse): void {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    this.#viewers.add(response);
    response.once('close', () => this.#leave(response));
    if (this.#viewers.size === 1) {
      this.#keepaliveTimer = setInterval(() => this.#send(': still here\n\n'), keepaliveMs);
      this.#onWatched(true);
    }
    // The state has what was waiting to be sent: it must not be heard twice.
    this.#sendNews();
    response.write(`retry: 1000\n${this.#message('state', this.state())}`);
  }

  /** The lines that lead to the state now, those of the last minutes included. */
  state(): TraceLine[] {
    const charts = [...this.#charts.values()].flatMap((ofPod) => [...ofPod.values()]);
    return [...this.#lines, ...this.#statuses.values(), ...charts, ...(this.#fleet ? [this.#fleet] : [])];
  }

  close(): void {
    for (const viewer of this.#viewers) viewer.end();
    clearTimeout(this.#batchTimer);
    clearInterval(this.#keepaliveTimer);
  }

  /** @returns whether it is news */
  #remember(line: TraceLine): boolean {
    switch (line.type) {
      case 'pod.status':
        return this.#rememberStatus(line);
      case 'fleet.status':
        this.#fleet = line;
        return true;
      case 'chart.step': {
        const charts = this.#charts.get(line.podId) ?? new Map<string, ChartStep>();
        this.#charts.set(line.podId, charts.set(line.chart, line));
        if (line.states.length === 0) charts.delete(line.chart);
        return true;
      }
      case 'pod.gone':
      case 'pod.crashed': {
        // By what name it is known, to whoever comes later.
        const last = this.#statuses.get(line.podId);
        if (last) this.#lines.push(last);
        this.#statuses.delete(line.podId);
        this.#charts.delete(line.podId);
        break;
      }
      default:
    }
    this.#lines.push(line);
    if (this.#lines.length > 2 * mostLines) this.#lines.splice(0, mostLines);
    return true;
  }

  #rememberStatus(status: PodStatus): boolean {
    const before = this.#statuses.get(status.podId);
    const isNews =
      !before ||
      status.at - before.at >= heartbeatMs ||
      JSON.stringify({ ...before, at: 0 }) !== JSON.stringify({ ...status, at: 0 });
    if (isNews) this.#statuses.set(status.podId, status);
    return isNews;
  }

  #sendNews(): void {
    clearTimeout(this.#batchTimer);
    this.#batchTimer = undefined;
    const news = this.#news;
    this.#news = [];
    if (news.length > 0) this.#send(this.#message('news', news));
  }

  #message(event: 'state' | 'news', lines: readonly TraceLine[]): string {
    return `event: ${event}\ndata: ${JSON.stringify({ now: this.#now(), lines })}\n\n`;
  }

  #send(message: string): void {
    for (const viewer of this.#viewers) {
      if (viewer.writableLength > mostBufferedBytes) viewer.destroy();
      else viewer.write(message);
    }
  }

  #leave(response: ServerResponse): void {
    this.#viewers.delete(response);
    if (this.#viewers.size > 0) return;
    clearInterval(this.#keepaliveTimer);
    this.#news = [];
    this.#onWatched(false);
  }
}
