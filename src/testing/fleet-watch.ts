/**
 * Watches a simulated fleet step by step, where a trace alone can't tell: asks `isLeader()` and `get()` themselves.
 *
 * Promise 6: whether a pod leads can only begin in a step of its own, and time only ends it. So after each step the
 * pod whose step it was is asked, and all that said yes the last time: that is as good as asking all of them.
 * Promise 8: a pod whose machine failed, or whose `get` throws after there was data.
 */
import type { Violation } from '../../machines/index.ts';
import type { SimulatedPod } from './simulated-pod.ts';

export class FleetWatch {
  readonly violations: Violation[] = [];
  /** How often a pod was asked whether it leads, and how often it said yes. */
  readonly asked = { times: 0, yes: 0 };
  readonly #datasets: readonly string[];
  readonly #wallMs: () => number;
  readonly #believers = new Set<SimulatedPod>();
  readonly #served = new WeakMap<SimulatedPod, Map<string, string>>();
  #excusedUntilMs = Number.NEGATIVE_INFINITY;
  /** One and the same fault is told once. */
  #told = '';

  constructor(datasets: readonly string[], wallMs: () => number) {
    this.#datasets = datasets;
    this.#wallMs = wallMs;
  }

  /** Who said last that it leads. */
  believers(): readonly SimulatedPod[] {
    return [...this.#believers];
  }

  /** Redis lost the lock or its clock was set: two may believe for so long. See "Not promised" in DESIGN. */
  excuse(forMs: number): void {
    this.#excusedUntilMs = Math.max(this.#excusedUntilMs, this.#wallMs() + forMs);
  }

  afterStep(owner: unknown): void {
    if (owner !== undefined) this.look(owner as SimulatedPod);
    for (const pod of this.#believers) if (pod !== owner) this.#ask(pod);
    if (this.#believers.size < 2) {
      this.#told = '';
      return;
    }
    const names = [...this.#believers].map(({ id }) => id).join(' and ');
    if (this.#wallMs() <= this.#excusedUntilMs || names === this.#told) return;
    this.#told = names;
    this.report('oneLeader', `${names} both answer isLeader() with true`);
  }

  look(pod: SimulatedPod): void {
    this.#ask(pod);
    if (!pod.isAwake) return;
    const { manager } = pod;
    if (manager.actor.getSnapshot().status === 'error') this.report('serving', `the machine of ${pod.id} failed`);
    for (const dataset of this.#datasets) this.#read(pod, dataset);
  }

  report(promise: string, sentence: string): void {
    this.violations.push({ promise, at: this.#wallMs(), sentence });
  }

  #ask(pod: SimulatedPod): void {
    this.asked.times += 1;
    if (!pod.isLeader()) {
      this.#believers.delete(pod);
      return;
    }
    this.asked.yes += 1;
    this.#believers.add(pod);
  }

  #read(pod: SimulatedPod, dataset: string): void {
    const served = this.#served.get(pod) ?? new Map<string, string>();
    this.#served.set(pod, served);
    try {
      pod.manager.get(dataset);
      served.set(dataset, pod.id);
    } catch (error) {
      // Another process in this place begins with nothing.
      if (served.get(dataset) !== pod.id) return;
      this.report('serving', `get('${dataset}') on ${pod.id} threw after there was data: ${(error as Error).message}`);
      served.delete(dataset);
    }
  }
}
