/**
 * `npm run visualize`: writes every file about every machine into this folder. `-- --check` writes nothing and fails if
 * a file is not what the machine gives now.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import { outline } from './chart/outline.ts';
import { type ChartState, readChart } from './chart/read-chart.ts';
import { machines, outlined } from './charts.ts';
import { configJson } from './formats/config-json.ts';
import { mermaid } from './formats/mermaid.ts';
import { statelySource } from './formats/stately.ts';
import { vizSource } from './formats/viz.ts';
import { drawChart } from './svg/draw.ts';
import { bestSeed } from './svg/layout.ts';

const folder = import.meta.dirname;

type SeedOf = (chart: ChartState, picture: string) => number | Promise<number>;

/** @returns texts by file name */
async function filesOf(machine: AnyStateMachine, seedOf: SeedOf): Promise<Record<string, string>> {
  const { id } = machine;
  const chart = readChart(machine);
  const draw = async (name: string, drawn: ChartState) => ({
    [name]: await drawChart(drawn, await seedOf(drawn, name)),
  });
  return {
    [`${id}.machine.json`]: configJson(machine),
    [`${id}.mmd`]: mermaid(chart),
    [`${id}.stately.js`]: statelySource(machine),
    [`${id}.viz.js`]: vizSource(machine),
    ...(await draw(`${id}.svg`, chart)),
    ...(outlined.includes(machine) ? await draw(`${id}.outline.svg`, outline(chart)) : {}),
  };
}

function read(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** Searching takes a dozen layouts, checking one: the picture says which seed it was made with. */
function seedInPicture(_chart: ChartState, picture: string): number {
  return Number(/ data-seed="(\d+)"/.exec(read(join(folder, picture)))?.[1] ?? 1);
}

/** @returns the names of the files that are not as the machines are now */
export async function staleFiles(): Promise<string[]> {
  const stale: string[] = [];
  for (const machine of machines) {
    const files = await filesOf(machine, seedInPicture);
    stale.push(...Object.keys(files).filter((name) => read(join(folder, name)) !== files[name]));
  }
  return stale;
}

async function writeFiles(): Promise<void> {
  for (const machine of machines) {
    for (const [name, text] of Object.entries(await filesOf(machine, bestSeed))) {
      const isNew = read(join(folder, name)) !== text;
      writeFileSync(join(folder, name), text);
      console.log(`${isNew ? 'written' : 'as it was'}  ${basename(folder)}/${name}`);
    }
  }
}

async function main(): Promise<void> {
  if (!process.argv.includes('--check')) return writeFiles();
  const stale = await staleFiles();
  if (stale.length === 0) return console.log('every file is as the machines are');
  console.error(`not as the machines are: ${stale.join(', ')}. Run \`npm run visualize\` and commit what it writes.`);
  process.exitCode = 1;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
