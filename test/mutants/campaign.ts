/** Every mutant against the layers that could catch it, two at a time, and what came of it. */
import { type Bug, bugs as checkerBugs } from '../model/bugs.ts';
import { type ConditionMutant, conditionMutants, type Part } from './condition-mutants.ts';
import { reasonOf } from './equivalent.ts';
import type { Catch, Fate } from './fate.ts';
import { originalOf } from './layers/original.ts';
import { runBug } from './run-bug.ts';
import { type Layer, layers, runLayer } from './run-layer.ts';
import { type SeededBug, seededBugs } from './seeded-bugs.ts';

/** Which layers a part of the protocol is tried on, one after the other: what is cheap and sees much comes first. */
const layersOf: Readonly<Record<Part, readonly Layer[]>> = {
  machines: ['unit', 'scenarios', 'simulation', 'checker'],
  actors: ['unit', 'scenarios', 'simulation', 'checker'],
  scripts: ['contract', 'redis', 'differential'],
  store: ['contract', 'scenarios', 'differential', 'simulation', 'checker'],
};

export type Plan = Readonly<{
  bugs: readonly SeededBug[];
  mutants: readonly ConditionMutant[];
  /** Those that the model checker brings along. */
  checkerBugs?: readonly Bug[];
  /** Go on when a layer has caught it. */
  isForAllLayers?: boolean;
  /** Only these, of those that are made for each part. */
  among?: readonly Layer[];
  onProgress?: (sentence: string) => void;
}>;

export const everything = (): Required<Pick<Plan, 'bugs' | 'mutants' | 'checkerBugs'>> => ({
  bugs: seededBugs,
  mutants: conditionMutants(),
  checkerBugs,
});

/** In one process: a start costs about as much as ten mutants. */
const mutantsAtOnce = 60;

type Record_ = { caught: Catch[]; seconds: number };

export async function runCampaign(plan: Plan): Promise<Fate[]> {
  const { bugs, mutants, checkerBugs: ofChecker = [], isForAllLayers = false, among = layers, onProgress } = plan;
  const layersFor = (part: Part) => layersOf[part].filter((layer) => among.includes(layer));
  const tried = mutants.filter((mutant) => reasonOf(mutant) === undefined);
  const records = new Map<string, Record_>(tried.map(({ id }) => [id, { caught: [], seconds: 0 }]));
  const record = (id: string) => records.get(id) as Record_;
  const parts = Object.keys(layersOf) as Part[];
  const deepest = Math.max(...parts.map((part) => layersFor(part).length));
  const bugFates: Fate[] = [];
  const proven = new Set<string>();
  for (let depth = 0; depth < deepest; depth++) {
    const jobs: (() => Promise<void>)[] = [];
    for (const layer of new Set(parts.map((part) => layersFor(part)[depth]))) {
      if (!layer) continue;
      const here = tried.filter(({ part, id }) => {
        return layersFor(part)[depth] === layer && (isForAllLayers || record(id).caught.length === 0);
      });
      for (const chunk of inChunks(here)) jobs.push(() => tryOn(layer, chunk));
    }
    if (depth === 0) {
      for (const bug of bugs) jobs.push(async () => void bugFates.push(await runBug(bug, isForAllLayers)));
      if (ofChecker.length > 0 && among.includes('checker'))
        jobs.push(async () => void bugFates.push(...(await runCheckerBugs(ofChecker))));
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

/** By what they break, as their explorations are made for it. */
async function runCheckerBugs(ofChecker: readonly Bug[]): Promise<Fate[]> {
  const names = ofChecker.map(({ what }) => what);
  const lines = await runLayer('checker-bugs', [...names.map((name) => `${originalOf}${name}`), ...names]);
  const red = lines.find((line) => line.red !== undefined && line.id.startsWith(originalOf));
  if (red) throw new Error(`Nothing is broken, and yet the checker is red: ${red.red}`);
  return lines
    .filter(({ id }) => !id.startsWith(originalOf))
    .map(({ id, red: by, seconds }) => ({
      mutant: id,
      seconds,
      caught: by ? [{ layer: 'checker', by, seconds }] : [],
    }));
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
