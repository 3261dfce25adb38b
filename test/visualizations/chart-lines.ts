/**
 * Everything that a tool must not lose, one line each: states, actors that run, and transitions with trigger, guard,
 * target, actions and description. Once from the running machine, once from a config that somebody else read.
 */
import { type ChartState, statesOf } from '../../visualizations/chart/read-chart.ts';

/** A config as the tools write it: `guard` is `cond` in XState 4. */
export type PlainTransition = string | Readonly<Record<string, unknown>>;
type OneOrMany<T> = T | readonly T[];
export type PlainState = Readonly<{
  type?: string;
  initial?: unknown;
  description?: string;
  entry?: unknown;
  exit?: unknown;
  invoke?: OneOrMany<Readonly<Record<string, unknown>>>;
  always?: OneOrMany<PlainTransition>;
  on?: Readonly<Record<string, OneOrMany<PlainTransition>>>;
  after?: Readonly<Record<string, OneOrMany<PlainTransition>>>;
  states?: Readonly<Record<string, PlainState>>;
}>;

/** From the nodes that XState itself made of the machine, targets resolved by it. */
export function linesOfChart(chart: ChartState): string[] {
  return statesOf(chart)
    .flatMap(({ id, type, description, isInitial, entry, exit, invokes, transitions }) => [
      stateLine(id, type, isInitial, description, entry, exit),
      ...invokes.map((invoke) => `${id} runs ${invoke.actor} as ${invoke.id}`),
      ...transitions.map((each) =>
        transitionLine(each.id, each.target, each.guard, each.actions, each.reenters, each.description),
      ),
    ])
    .sort();
}

/** From a config alone, targets resolved here by the rules of XState. */
export function linesOfConfig(config: PlainState, id: string, isInitial = false, parent = ''): string[] {
  const { type, initial, description, entry, exit, invoke, always, on, after, states = {} } = config;
  const invokes = many(invoke);
  const kind = type ?? (Object.keys(states).length > 0 ? 'compound' : 'atomic');
  const transitions = (trigger: string, list: unknown) =>
    many(list as OneOrMany<PlainTransition>).map((each, place) => {
      const plain = typeof each === 'string' ? { target: each } : each;
      const target = targetOf(plain.target, id, parent);
      const guard = plain.guard ?? plain.cond;
      return transitionLine(
        `${id}:${trigger}:${place}`,
        target,
        guard === undefined ? undefined : (namesOf(guard)[0] ?? '?'),
        namesOf(plain.actions),
        // XState 4 says `internal: false`, XState 5 `reenter: true`.
        plain.reenter === true || plain.internal === false,
        plain.description as string | undefined,
      );
    });
  return [
    stateLine(id, kind, isInitial, description, namesOf(entry), namesOf(exit)),
    ...invokes.map((each) => `${id} runs ${each.src} as ${each.id}`),
    ...transitions('always', always),
    ...Object.entries(on ?? {}).flatMap(([event, list]) => transitions(event, list)),
    ...Object.entries(after ?? {}).flatMap(([delay, list]) => transitions(`after.${delay}`, list)),
    ...invokes.flatMap((each) => [
      ...transitions(`done.${each.id}`, each.onDone),
      ...transitions(`error.${each.id}`, each.onError),
    ]),
    ...Object.entries(states).flatMap(([key, state]) => linesOfConfig(state, `${id}.${key}`, initial === key, id)),
  ].sort();
}

function stateLine(
  id: string,
  type: string,
  isInitial: boolean,
  description: string | undefined,
  entry: readonly string[],
  exit: readonly string[],
): string {
  const actions = `entry: ${entry.join(' ')}, exit: ${exit.join(' ')}`;
  return `${id} is ${type}${isInitial ? ' and initial' : ''}, ${actions}: ${description ?? 'no description'}`;
}

function transitionLine(
  id: string,
  target: string | undefined,
  guard: string | undefined,
  actions: readonly string[],
  reenters: boolean,
  description: string | undefined,
): string {
  const end = `${target ?? 'itself'}${reenters ? ' (anew)' : ''}`;
  return `${id} -> ${end} if ${guard ?? 'always'} does ${actions.join(' ') || 'nothing'}: ${description ?? 'no description'}`;
}

function targetOf(target: unknown, source: string, parent: string): string | undefined {
  const [name] = many(target as OneOrMany<string>);
  if (name === undefined) return undefined;
  if (name.startsWith('#')) return name.slice(1);
  return name.startsWith('.') ? `${source}${name}` : `${parent}.${name}`;
}

/** An action or guard is a string, `{ type }`, or what the extractor makes of it: `{ kind, action: { type } }`. */
function namesOf(named: unknown): string[] {
  return many(named as OneOrMany<unknown>).map((each) => {
    if (typeof each === 'string') return each;
    const { type, action } = each as { type?: string; action?: { type: string } };
    return action?.type ?? type ?? '?';
  });
}

function many<T>(value: OneOrMany<T> | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
}
