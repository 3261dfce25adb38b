/** `bellwether/http`: a pod's health, metrics and revisions over HTTP, in a server of your own or in one of ours. */
export type { App } from './app.ts';
export { type AnyRegistry, collectMetrics, type Metrics, type MetricsOptions } from './metrics/collect-metrics.ts';
export { PodHealth, type Verdict, type WatchedPod } from './pod-health.ts';
export { createPodHttp, type FastifyServer, type PodHttp, type PodHttpOptions } from './pod-http.ts';
export type { ServiceInfo } from './pod-routes.ts';
export { type HttpServer, serveHttp } from './serve-http.ts';
