/**
 * `npm run check:model`: every run in a process of its own, two at a time. `--transitions` also prints how often each
 * transition was taken, `--all` adds the long runs, `--traces FOLDER` writes a counterexample as a trace file.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { traceText } from '../../machines/index.ts';
import { describeExploration, describeTransitions, explore } from '../../src/testing/index.ts';
import { longRuns, runs as shortRuns } from './runs.ts';

const { values } = parseArgs({
  options: {
    run: { type: 'string' },
    transitions: { type: 'boolean' },
    all: { type: 'boolean' },
    /** A counterexample is written into this folder, for `bellwether replay`. */
    traces: { type: 'string' },
  },
});
const runs = values.all ? [...shortRuns, ...longRuns] : shortRuns;

async function exploreOne(index: number): Promise<void> {
  const run = runs[index];
  if (!run) throw new Error(`There is no run ${index}: expected 0 to ${runs.length - 1}.`);
  const found = await explore(run.options);
  console.log(`\n== ${run.name}\n${describeExploration(found)}`);
  if (values.transitions) console.log(describeTransitions(found));
  if (values.traces !== undefined && found.counterexample) {
    const file = join(values.traces, `counterexample-${index}.jsonl`);
    writeFileSync(file, traceText(found.counterexample.trace));
    console.log(`to look at it: npx bellwether replay ${file}`);
  }
  if (found.counterexample || !found.isComplete) process.exitCode = 1;
}

function inProcess(index: number): Promise<boolean> {
  // A search makes much that lives for one step: with room for it the collector takes a fifth less of the time.
  const nodeArgs = [...process.execArgv, '--max-semi-space-size=64'];
  const args = [...nodeArgs, fileURLToPath(import.meta.url), '--run', String(index)];
  if (values.transitions) args.push('--transitions');
  if (values.all) args.push('--all');
  if (values.traces !== undefined) args.push('--traces', values.traces);
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code === 0));
  });
}

async function exploreAll(): Promise<void> {
  const waiting = runs.map((_, index) => index);
  let isGood = true;
  const work = async () => {
    for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
      isGood = (await inProcess(index)) && isGood;
    }
  };
  await Promise.all([work(), work()]);
  if (!isGood) process.exitCode = 1;
}

await (values.run === undefined ? exploreAll() : exploreOne(Number(values.run)));
