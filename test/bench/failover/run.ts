/** `npm run bench:failover`: see the usage below. Runs as compiled JavaScript: see main.ts. */
import { parseArgs } from 'node:util';
import { Duration } from '../../../src/duration.ts';
import { runBenchmarks } from '../run-benchmarks.ts';
import { type Contestant, contestants } from './contestants.ts';
import { type Fault, faults } from './election.ts';
import { benchFailover } from './failover.ts';

const usage = `npm run bench:failover [-- options]: time without leader, beside two rivals

options
  --json <file>    also writes the results and every raw sample there
  --samples <n>    per fault, TTL and contestant (default 20)
  --only <name>    ${contestants.join(', ')}; may be given more than once
  --fault <name>   ${faults.join(', ')}; may be given more than once
  --ttl <time>     may be given more than once (default 2m and 10s)
  --rest <time>    between the start of the elections and the first fault (default 40s: longer than a poll interval)

With 20 samples it takes about 15 minutes and 4 GB of memory.`;

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    samples: { type: 'string', default: '20' },
    only: { type: 'string', multiple: true, default: [...contestants] },
    fault: { type: 'string', multiple: true, default: [...faults] },
    ttl: { type: 'string', multiple: true, default: ['2m', '10s'] },
    rest: { type: 'string', default: '40s' },
    help: { type: 'boolean', default: false },
  },
});

const unknown = [
  ...values.only.filter((name) => !contestants.includes(name as Contestant)),
  ...values.fault.filter((name) => !faults.includes(name as Fault)),
];
if (values.help || unknown.length > 0) {
  if (unknown.length > 0) console.error(`unknown: ${unknown.join(', ')}\n`);
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else {
  const measure = () =>
    benchFailover({
      contestants: values.only as Contestant[],
      faults: values.fault as Fault[],
      ttlsMs: values.ttl.map((ttl) => Duration.parse(ttl)),
      samples: Number(values.samples),
      restMs: Duration.parse(values.rest),
    });
  await runBenchmarks([measure], values.json);
  // By itself Node 20 may not end: it spins for ever over sockets that were reset while they were closing.
  process.exit();
}
