/** The dashboard of one pod that runs as a service: it shows the whole fleet, as Redis and this pod tell of it. */
import type { Hono } from 'hono';
import type { InspectionEvent } from 'xstate';
import { inspectCharts } from '../../inspection/chart-steps.ts';
import type { Env } from '../app.ts';
import { DashboardFeed } from './feed.ts';
import { FleetWatch, type WatchedManager } from './fleet-watch.ts';
import { dashboardRoutes } from './routes.ts';

export class ServiceDashboard {
  readonly routes: Hono<Env>;
  /** Has the charts show each transition that is taken; without it they show the states alone. */
  readonly inspect: (event: InspectionEvent) => void;
  readonly #feed: DashboardFeed;
  #watch: FleetWatch | undefined;

  constructor(title: string) {
    this.#feed = new DashboardFeed({ onWatched: (isWatched) => this.#watch?.watch(isWatched) });
    this.routes = dashboardRoutes({ about: { title, mode: 'live', faults: [] }, feed: this.#feed });
    this.inspect = inspectCharts({
      tell: (step) => this.#watch?.tellStep(step),
      isWanted: () => this.#feed.isWatched,
    });
  }

  /** To be called before the first page can come. */
  attach(manager: WatchedManager): void {
    this.#watch = new FleetWatch(manager, this.#feed);
  }

  close(): void {
    this.#watch?.close();
    this.#feed.close();
  }
}
