/**
 * `npm run check:model`: every run in a process of its own, two at a time. `--transitions` also prints how often each
 * transition was taken, `--all` adds the long runs, `--traces FOLDER` writes a counterexample as a trace file,
 * `--without-fence` shows what the fence is for: one run, with it removed, which ends at a broken promise.
 */
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { traceText } from '../../machines/index.ts';
import { describeExploration, describeTransitions, explore } from '../../src/testing/index.ts';
import { longRuns, runs as shortRuns } from './runs.ts';
import { copyWithoutFence } from './without-fence.ts';

const { values } = parseArgs({
  options: {
    run: { type: 'string' },
    transitions: { type: 'boolean' },
    all: { type: 'boolean' },
    /** A counterexample is written into this folder, for `bellwether replay`. */
    traces: { type: 'string' },
    'without-fence': { type: 'boolean' },
  },
});
const runs = values.all ? [...shortRuns, ...longRuns] : shortRuns;
const thisFile = fileURLToPath(import.meta.url);

/** A command that arrives late: what the fence is for. */
const fencedRun = shortRuns.findIndex(({ options }) => options.faults?.includes('delayRequest'));

type Outcome = Readonly<{ isGood: boolean; processorSeconds: number }>;

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
  const { user, system } = process.cpuUsage();
  process.send?.((user + system) / 1_000_000);
}

/** @param file this one, or its like in a copy of the project */
function inProcess(index: number, file = thisFile): Promise<Outcome> {
  // A search makes much that lives for one step: with room for it the collector takes a fifth less of the time.
  const nodeArgs = [...process.execArgv, '--max-semi-space-size=64'];
  const args = [...nodeArgs, file, '--run', String(index)];
  if (values.transitions) args.push('--transitions');
  if (values.all) args.push('--all');
  if (values.traces !== undefined) args.push('--traces', resolve(values.traces));
  const child = spawn(process.execPath, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  let processorSeconds = 0;
  child.on('message', (seconds) => {
    processorSeconds = Number(seconds);
  });
  return new Promise((done, reject) => {
    child.on('error', reject);
    child.on('close', (code) => done({ isGood: code === 0, processorSeconds }));
  });
}

async function exploreAll(): Promise<void> {
  const startedAt = performance.now();
  const waiting = runs.map((_, index) => index);
  const outcomes: Outcome[] = [];
  const work = async () => {
    for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
      outcomes.push(await inProcess(index));
    }
  };
  await Promise.all([work(), work()]);
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  const processorSeconds = outcomes.reduce((sum, outcome) => sum + outcome.processorSeconds, 0);
  console.log(`\n${runs.length} runs in ${seconds} s, ${Math.round(processorSeconds)} s of processor time`);
  if (outcomes.some(({ isGood }) => !isGood)) process.exitCode = 1;
}

async function exploreWithoutFence(): Promise<void> {
  const copy = copyWithoutFence();
  try {
    const { isGood } = await inProcess(fencedRun, join(copy, 'test/model/main.ts'));
    if (!isGood) process.exitCode = 1;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

if (values.run !== undefined) await exploreOne(Number(values.run));
else if (values['without-fence']) await exploreWithoutFence();
else await exploreAll();
