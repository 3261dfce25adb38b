/** `bellwether/inspection`: what happens in a pod's machines, as it happens, for the eyes. Off unless it is asked for. */
export { chartsOf, inspectCharts, type Step } from './chart-steps.ts';
export { inspectWithStately, type StatelyInspection, startStatelyRelay } from './stately.ts';
