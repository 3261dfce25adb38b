/**
 * Reads .cpuprofile files: where the time went, by package and by function.
 *
 * ```sh
 * tsx test/bench/read-profile.ts folder/*.cpuprofile
 * ```
 */
import { readFileSync } from 'node:fs';
import { formatTable, type Row } from './report.ts';

type Frame = { functionName: string; url: string; lineNumber: number };
type Node = { id: number; callFrame: Frame; children?: number[] };
type Profile = { nodes: Node[]; samples: number[]; timeDeltas: number[] };
type Times = Map<string, { selfMs: number; totalMs: number }>;

/** `xstate`, `zod`, `src/redis/commands.js`: what a person would blame. */
function ownerOf({ url, functionName }: Frame): string {
  if (url === '') return functionName.startsWith('(') ? functionName : '(native)';
  if (url.startsWith('node:')) return 'node';
  const path = url.split('/bellwether-bench/').at(-1) ?? url;
  const packaged = path.split('/node_modules/').at(-1) ?? path;
  return packaged === path
    ? path
    : packaged
        .split('/')
        .slice(0, packaged.startsWith('@') ? 2 : 1)
        .join('/');
}

const functionOf = (frame: Frame) => `${ownerOf(frame)} ${frame.functionName || '(anonymous)'}:${frame.lineNumber + 1}`;

function add(times: Times, key: string, kind: 'selfMs' | 'totalMs', ms: number): void {
  const entry = times.get(key) ?? { selfMs: 0, totalMs: 0 };
  entry[kind] += ms;
  times.set(key, entry);
}

/** Time in a function and all it calls counts once, however deep it calls itself. */
function collect({ nodes, samples, timeDeltas }: Profile, owners: Times, functions: Times): void {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  samples.forEach((id, i) => {
    const ms = (timeDeltas[i] ?? 0) / 1_000;
    const seen = new Set<string>();
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const frame = byId.get(at)?.callFrame;
      if (!frame) break;
      const [owner, name] = [ownerOf(frame), functionOf(frame)];
      if (at === id) {
        add(owners, owner, 'selfMs', ms);
        add(functions, name, 'selfMs', ms);
      }
      if (!seen.has(`o ${owner}`)) add(owners, owner, 'totalMs', ms);
      if (!seen.has(`f ${name}`)) add(functions, name, 'totalMs', ms);
      seen.add(`o ${owner}`).add(`f ${name}`);
    }
  });
}

function top(times: Times, by: 'selfMs' | 'totalMs', count: number): Row[] {
  const busy = [...times].filter(([key]) => !/^\((idle|root|program)\)/.test(key));
  const sum = busy.reduce((total, [, { selfMs }]) => total + selfMs, 0);
  return busy
    .sort(([, a], [, b]) => b[by] - a[by])
    .slice(0, count)
    .map(([key, { selfMs, totalMs }]) => ({
      where: key,
      'self ms': Math.round(selfMs),
      'total ms': Math.round(totalMs),
      'self %': Number(((100 * selfMs) / sum).toFixed(1)),
      'total %': Number(((100 * totalMs) / sum).toFixed(1)),
    }));
}

const owners: Times = new Map();
const functions: Times = new Map();
for (const file of process.argv.slice(2)) collect(JSON.parse(readFileSync(file, 'utf8')) as Profile, owners, functions);
console.log(`by package or file\n${formatTable(top(owners, 'selfMs', 25))}\n`);
console.log(`by function, self\n${formatTable(top(functions, 'selfMs', 40))}\n`);
console.log(`by function, with what it calls\n${formatTable(top(functions, 'totalMs', 70))}`);
