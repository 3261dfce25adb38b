/** Measures what was asked for, prints it, and writes JSON when asked to. Runs as compiled JavaScript: see main.ts. */
import { parseArgs } from 'node:util';
import { benchFootprint } from './footprint.ts';
import { benchIdle } from './idle.ts';
import { type Size, sizes } from './payloads.ts';
import { benchPodFootprint } from './pod-footprint.ts';
import { benchPublish } from './publish.ts';
import { benchReads } from './reads.ts';
import type { Result } from './report.ts';
import { runBenchmarks } from './run-benchmarks.ts';

const usage = `npm run bench [-- name … options]

names (default: all)
  reads                get() against a plain Map.get
  publish-to-last-pod  from publishing to the last pod holding it, against bare ioredis
  idle-commands        commands a second of an idle fleet
  footprint            memory and start-up time the library adds to a bare process
  pod-footprint        memory and processor time of the service as a pod, 70 on this machine (Linux)

options
  --json <file>        also writes the results and every raw sample there
  --rounds <n>         of publish-to-last-pod, per size and variant (default 100)
  --size <size>        of publish-to-last-pod: ${Object.keys(sizes).join(', ')}; may be given more than once
  --pods <n>           of publish-to-last-pod and pod-footprint (default 70)
  --processes <n>      that hold these pods (default 2)
  --profile <folder>   of publish-to-last-pod: CPU profiles of both; read them with test/bench/read-profile.ts
  --fleet <n>          of idle-commands; may be given more than once (default 70 and 1000)
  --seconds <n>        of idle-commands and pod-footprint (default 75)
  --samples <n>        processes of each kind in footprint (default 15)`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    rounds: { type: 'string', default: '100' },
    size: { type: 'string', multiple: true, default: Object.keys(sizes) },
    pods: { type: 'string', default: '70' },
    processes: { type: 'string', default: '2' },
    profile: { type: 'string' },
    fleet: { type: 'string', multiple: true, default: ['70', '1000'] },
    seconds: { type: 'string', default: '75' },
    samples: { type: 'string', default: '15' },
    help: { type: 'boolean', default: false },
  },
});

const benchmarks: Record<string, () => Promise<Result>> = {
  reads: () => benchReads(),
  'publish-to-last-pod': () =>
    benchPublish({
      pods: Number(values.pods),
      processes: Number(values.processes),
      rounds: Number(values.rounds),
      warmUps: 5,
      profileTo: values.profile,
      sizes: values.size as Size[],
    }),
  'idle-commands': () => benchIdle({ fleets: values.fleet.map(Number), seconds: Number(values.seconds) }),
  footprint: () => benchFootprint({ samples: Number(values.samples) }),
  'pod-footprint': () => benchPodFootprint({ pods: Number(values.pods), seconds: Number(values.seconds) }),
};

const names = positionals.length > 0 ? positionals : Object.keys(benchmarks);
const unknown = [...names.filter((name) => !benchmarks[name]), ...values.size.filter((size) => !(size in sizes))];
if (values.help || unknown.length > 0) {
  if (unknown.length > 0) console.error(`unknown: ${unknown.join(', ')}\n`);
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else {
  await runBenchmarks(
    names.flatMap((name) => benchmarks[name] ?? []),
    values.json,
  );
}
