/**
 * The API behind the datasets of a simulated fleet: counts who called when, and fails as it is told to. By itself it
 * answers with something new each time; a user's own source is called when nothing is to fail.
 */
import { z } from 'zod';
import type { DatasetName, PodId } from '../../machines/index.ts';
import { Duration } from '../duration.ts';
import { parseOptions } from '../options.ts';
import { type Source, type SourceCall, SourceError, UNCHANGED } from '../source/source.ts';
import type { PodClock } from './pod-clock.ts';
import type { Picker } from './random.ts';
import type { Timeline } from './timeline.ts';

export type SimulatedCall = Readonly<{ at: number; podId: PodId; dataset: DatasetName }>;

const Scope = z.strictObject({
  dataset: z.string().optional(),
  pod: z.string().optional(),
  times: z.number().int().min(1).optional(),
});
/** Which calls: of one dataset, of one pod, so many. Default: all, until `heal`. */
export type SourceScope = z.infer<typeof Scope>;

type Behaviour =
  | 'fails'
  | 'hangs'
  | 'answers garbage'
  | 'limits the rate'
  | 'has nothing new'
  | 'repeats itself'
  | 'is slow';
type Rule = { behaviour: Behaviour; scope: SourceScope; left: number; ms: number };

/** What the API answers by itself: `day` grows with every answer. */
export const simulatedSchema = z.object({ dataset: z.string(), day: z.number().int().positive() });

const answersWithin = { from: 20, to: 200 };

export type Caller = Readonly<{ name: string; podId: PodId; clock: PodClock; owner: unknown }>;
type Hooks = Readonly<{
  note(fault: string, detail?: string): void;
  /** @throws Error that says which there are */
  checkDataset(name: string): void;
  checkPod(name: string): void;
  wallMs(): number;
}>;

export class SimulatedSource {
  readonly calls: SimulatedCall[] = [];
  readonly #timeline: Timeline;
  readonly #picker: Picker;
  readonly #hooks: Hooks;
  #rules: Rule[] = [];
  #days = 0;
  readonly #last = new Map<DatasetName, unknown>();
  /** In ms since 1970: until then it asked not to be called. */
  readonly #closedUntil = new Map<DatasetName, number>();
  readonly #onCall = new Set<(podId: PodId) => void>();

  constructor(timeline: Timeline, picker: Picker, hooks: Hooks) {
    this.#timeline = timeline;
    this.#picker = picker;
    this.#hooks = hooks;
  }

  fail(scope: SourceScope = {}): void {
    this.#add('fails', scope);
  }

  /** Answers nothing, until the caller's time limit. */
  hang(scope: SourceScope = {}): void {
    this.#add('hangs', scope);
  }

  /** Answers something that no schema takes. */
  garbage(scope: SourceScope = {}): void {
    this.#add('answers garbage', scope);
  }

  rateLimit(retryAfter: Duration, scope: SourceScope = {}): void {
    this.#add('limits the rate', scope, parseOptions('rateLimit()', Duration, retryAfter));
  }

  slow(by: Duration, scope: SourceScope = {}): void {
    this.#add('is slow', scope, parseOptions('slow()', Duration, by));
  }

  unchanged(scope: SourceScope = {}): void {
    this.#add('has nothing new', scope);
  }

  /** Answers what it answered last, byte for byte, and doesn't know that it is nothing new. */
  repeat(scope: SourceScope = {}): void {
    this.#add('repeats itself', scope);
  }

  /** Something is wrong with it. */
  get isFailing(): boolean {
    return this.#rules.some(({ left }) => left > 0);
  }

  heal(): void {
    if (this.#rules.length > 0) this.#hooks.note('source.heal');
    this.#rules = [];
  }

  /** When a fleet that is well calls again at the latest: in ms since 1970. */
  dueAt(dataset: DatasetName, intervalMs: number): number {
    const last = this.calls.findLast((call) => call.dataset === dataset);
    return Math.max(last ? last.at + intervalMs : 0, this.#closedUntil.get(dataset) ?? 0);
  }

  /** Does something in the moment of the next call. Returns what forgets it. */
  onNextCall(run: (podId: PodId) => void): () => void {
    this.#onCall.add(run);
    return () => this.#onCall.delete(run);
  }

  /** This API, as one pod sees it. `own`: what answers while nothing is to fail. */
  of(caller: Caller, own?: Source<unknown>): Source<unknown> {
    return async (call) => {
      this.calls.push({ at: this.#hooks.wallMs(), podId: caller.podId, dataset: call.dataset });
      const waiting = [...this.#onCall];
      this.#onCall.clear();
      for (const run of waiting) run(caller.podId);
      const rule = this.#take(call.dataset, caller.name);
      const slowMs = rule?.behaviour === 'is slow' ? rule.ms : 0;
      if (rule?.behaviour === 'hangs') return new Promise(() => {});
      await this.#wait(caller, slowMs + Math.round(this.#picker.between(answersWithin.from, answersWithin.to)));
      const answer = await this.#answer(rule, call, own);
      if (answer !== UNCHANGED) this.#last.set(call.dataset, answer);
      return answer;
    };
  }

  #answer(rule: Rule | undefined, call: SourceCall<unknown>, own: Source<unknown> | undefined): unknown {
    switch (rule?.behaviour) {
      case 'fails':
        throw new SourceError('badStatus', 'The simulated API answered with status 500.');
      case 'answers garbage':
        return 'garbage';
      case 'limits the rate':
        this.#closedUntil.set(call.dataset, this.#hooks.wallMs() + rule.ms);
        throw new SourceError('badStatus', 'The simulated API answered with status 429.', { retryAfterMs: rule.ms });
      case 'has nothing new':
        if (call.previous) return UNCHANGED;
        break;
      case 'repeats itself':
        if (this.#last.has(call.dataset)) return this.#last.get(call.dataset);
        break;
      default:
    }
    this.#days += 1;
    return own ? own(call) : { dataset: call.dataset, day: this.#days };
  }

  #add(behaviour: Behaviour, given: SourceScope, ms = 0): void {
    const scope = parseOptions(`a source that ${behaviour}`, Scope, given);
    if (scope.dataset !== undefined) this.#hooks.checkDataset(scope.dataset);
    if (scope.pod !== undefined) this.#hooks.checkPod(scope.pod);
    const left = scope.times ?? Number.POSITIVE_INFINITY;
    this.#rules.push({ behaviour, scope, left, ms });
    const times = scope.times === undefined ? '' : ` ${scope.times} times`;
    const where = [scope.dataset && ` for ${scope.dataset}`, scope.pod && ` for ${scope.pod}`].filter(Boolean).join('');
    this.#hooks.note(`source ${behaviour}`, `${times}${where}`.trim() || undefined);
  }

  #take(dataset: string, pod: string): Rule | undefined {
    const rule = this.#rules.find(
      ({ scope, left }) =>
        left > 0 && (scope.dataset ?? dataset) === dataset && (scope.pod === undefined || scope.pod === pod),
    );
    if (rule) rule.left -= 1;
    return rule;
  }

  #wait({ clock, owner }: Caller, ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#timeline.after(ms, () => clock.deliver(resolve), 'an answer of the source', owner);
    });
  }
}
