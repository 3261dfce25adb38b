/** Every mutant against the layers that could catch it, two at a time, and what came of it. */
import { type ConditionMutant, conditionMutants, type Part } from './condition-mutants.ts';
import { reasonOf } from './equivalent.ts';
import type { Catch, Fate } from './fate.ts';
import { originalOf } from './layers/original.ts';
import { runBug } from './run-bug.ts';
import { type Layer, runLayer } from './run-layer.ts';
import { type SeededBug, seededBugs } from './seeded-bugs.ts';

/** Which layers a part of the protocol is tried on, one after the other: what is cheap and sees much comes first. */
const layersOf: Readonly<Record<Part, readonly Layer[]>> = {
  machines: ['unit', 'scenarios', 'simulation', 'checker'],
  scripts: ['contract', 'redis', 'differential'],
  store: ['contract', 'scenarios', 'differential', 'simulation', 'checker'],
};

export type Plan = Readonly<{
  bugs: readonly SeededBug[];
  mutants: readonly ConditionMutant[];
  /** Go on when a layer has caught it. */
  isForAllLayers?: boolean;
  onProgress?: (sentence: string) => void;
}>;

export const everything = (): Plan => ({ bugs: seededBugs, mutants: conditionMutants() });

/** In one process: a start costs about as much as ten mutants. */
const mutantsAtOnce = 60;

type Record_ = { caught: Catch[]; seconds: number };

export async function runCampaign({ bugs, mutants, isForAllLayers, onProgress }: Plan): Promise<Fate[]> {
  const tried = mutants.filter((mutant) => reasonOf(mutant) === undefined);
  const records = new Map<string, Record_>(tried.map(({ id }) => [id, { caught: [], seconds: 0 }]));
  const record = (id: string) => records.get(id) as Record_;
  const deepest = Math.max(...Object.values(layersOf).map((list) => list.length));
  const bugFates: Fate[] = [];
  const proven = new Set<string>();
  for (let depth = 0; depth < deepest; depth++) {
    const jobs: (() => Promise<void>)[] = [];
    for (const layer of new Set(Object.values(layersOf).map((list) => list[depth]))) {
      if (!layer) continue;
      const here = tried.filter(({ part, id }) => {
        return layersOf[part][depth] === layer && (isForAllLayers || record(id).caught.length === 0);
      });
      for (const chunk of inChunks(here)) jobs.push(() => tryOn(layer, chunk));
    }
    if (depth === 0) {
      for (const bug of bugs) jobs.push(async () => void bugFates.push(await runBug(bug)));
    }
    await twoAtATime(jobs);
  }
  const fates = mutants.map((mutant): Fate => {
    const equivalent = reasonOf(mutant);
    const { caught, seconds } = records.get(mutant.id) ?? { caught: [], seconds: 0 };
    return { mutant: mutant.id, caught, seconds, ...(equivalent && { equivalent }) };
  });
  return [...bugFates, ...fates];

  /** What is red without a mutant says nothing about one. */
  async function proveGreen(layer: Layer, chunk: readonly ConditionMutant[]): Promise<void> {
    const kinds = new Map(chunk.map((mutant) => [`${layer} ${layer === 'unit' ? mutant.file : mutant.part}`, mutant]));
    const unproven = [...kinds].filter(([kind]) => !proven.has(kind));
    for (const [kind] of unproven) proven.add(kind);
    const lines = await runLayer(
      layer,
      unproven.map(([, { id }]) => `${originalOf}${id}`),
    );
    const red = lines.find((line) => line.red !== undefined);
    if (red) throw new Error(`Nothing is broken, and yet the layer ${layer} is red: ${red.red}`);
  }

  async function tryOn(layer: Layer, chunk: readonly ConditionMutant[]): Promise<void> {
    await proveGreen(layer, chunk);
    const lines = await runLayer(
      layer,
      chunk.map(({ id }) => id),
    );
    for (const { id, red, seconds } of lines) {
      record(id).seconds += seconds;
      if (red) record(id).caught.push({ layer, by: red, seconds });
    }
    onProgress?.(`${layer}: ${lines.filter(({ red }) => red).length} of ${lines.length} caught`);
  }
}

function inChunks<T>(list: readonly T[]): T[][] {
  const count = Math.ceil(list.length / mutantsAtOnce);
  return Array.from({ length: count }, (_, index) => list.filter((_one, at) => at % count === index));
}

async function twoAtATime(jobs: readonly (() => Promise<void>)[]): Promise<void> {
  const waiting = [...jobs];
  const work = async () => {
    for (let job = waiting.shift(); job; job = waiting.shift()) await job();
  };
  await Promise.all([work(), work()]);
}
