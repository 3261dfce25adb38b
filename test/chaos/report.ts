/** What a chaos run showed: for people as lines, for machines as one value. */
import { overspendings } from '../../machines/index.ts';
import type { Outcome } from './campaign.ts';
import { moments } from './faults/moments.ts';
import type { Finding } from './journal.ts';
import { callToleranceOf } from './settings.ts';

const promises = [
  'fenced',
  'epochs',
  'versions',
  'verified',
  'budget',
  'oneLeader',
  'convergence',
  'serving',
  'nothingLost',
] as const;
type Promised = (typeof promises)[number];

export type Report = ReturnType<typeof reportOf>;

export function reportOf(outcome: Outcome) {
  const { options, settings, journal, tally, reads, tookMs, isInterrupted } = outcome;
  const leases = journal.count('lease.granted');
  const worst = Math.max(0, ...tally.convergencesMs);
  return {
    seed: options.seed,
    pods: options.pods,
    minutes: tookMs / 60_000,
    isInterrupted,
    leaseTtlMs: settings.timing.leaseTtlMs,
    /** The first time is the start of the fleet. */
    episodes: Math.max(0, tally.episodes - 1),
    faults: Object.fromEntries([...tally.faults].sort(([a], [b]) => (a < b ? -1 : 1))),
    injected: tally.injected(/./),
    /** Of them, in a leader's middle of something. */
    whileLeaderWas: Object.fromEntries(
      moments.map((moment) => [
        moment,
        tally.injected(new RegExp(moment === 'publishing' ? 'publishing' : `while ${moment}$`)),
      ]),
    ),
    killedWhile: Object.fromEntries(
      moments.map((moment) => [moment, tally.injected(new RegExp(`^SIGKILL while ${moment}$`))]),
    ),
    failovers: Math.max(0, leases - 1),
    calls: callsAgainstBudget(outcome),
    convergence: { boundMs: settings.convergenceBoundMs, worstMs: worst, medianMs: median(tally.convergencesMs) },
    judgedOver: judgedOver(outcome, reads),
    violations: [...journal.violations.values()].reduce((sum, count) => sum + count, 0),
    violationsByPromise: Object.fromEntries(journal.violations),
    findings: journal.findings as readonly Finding[],
    repeat: `npm run chaos -- --minutes ${Math.ceil(options.forMs / 6_000) / 10} --seed ${options.seed} --pods ${options.pods}`,
  };
}

function judgedOver({ journal, tally, callsAt }: Outcome, reads: Outcome['reads']): Record<Promised, string> {
  const count = (type: Parameters<typeof journal.count>[0]) => journal.count(type);
  const refused = count('revision.rejected') + count('revision.damaged');
  return {
    fenced: `${count('revision.published')} publications, ${count('publishing.fenced')} refused by the fence`,
    epochs: `${count('lease.granted')} leases, ${count('redis.wiped')} losses of data`,
    versions: `${count('revision.applied')} times a pod took a newer version`,
    verified: `${count('revision.applied')} versions served, ${refused} refused`,
    budget: `${callsAt.length} calls as the source counted them, ${count('source.called')} permits`,
    oneLeader: `${count('lease.granted')} leases, ${count('lease.uncertain')} times uncertain, ${count('pod.answered')} answers on waking`,
    convergence: `${tally.episodes} times after healing`,
    serving: `${reads.count} reads, ${reads.degraded} of them without Redis`,
    nothingLost: `${tally.looks.all} looks into Redis, ${tally.looks.withoutSource} of them without the source, ${count('revision.restored')} restores`,
  };
}

export function linesOf(report: Report): string[] {
  const { convergence } = report;
  return [
    '',
    `Faults injected: ${report.injected} in ${report.episodes} episodes, lease TTL ${report.leaseTtlMs} ms, ${report.pods} pods`,
    ...Object.entries(report.faults).map(
      ([kind, { injected, missed }]) =>
        `  ${String(injected).padStart(4)}  ${kind}${missed > 0 ? ` (${missed} without a chance)` : ''}`,
    ),
    `Faults that hit a leader while ${counts(report.whileLeaderWas)}; of them SIGKILL while ${counts(report.killedWhile)}`,
    `Failovers: ${report.failovers}`,
    `Convergence after healing: median ${seconds(convergence.medianMs)}, worst ${seconds(convergence.worstMs)}, bound ${seconds(convergence.boundMs)}`,
    ...callLines(report.calls),
    '',
    ...promises.map((promise) => {
      const broken = report.violationsByPromise[promise] ?? 0;
      return `  ${broken === 0 ? 'kept  ' : 'BROKEN'}  ${promise.padEnd(12)} ${report.judgedOver[promise]}`;
    }),
    ...report.findings.flatMap(({ promise, sentence, around }) => [
      '',
      `VIOLATION of ${promise}: ${sentence}`,
      ...around.map((line) => `    ${line}`),
    ]),
    '',
    `${report.violations} violations in ${report.minutes.toFixed(1)} minutes${report.isInterrupted ? ' (interrupted)' : ''}`,
    `Again, with the same faults in the same order (their interleaving with real processes differs): ${report.repeat}`,
  ];
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
const counts = (of: Record<string, number>) =>
  Object.entries(of)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

type Calls = ReturnType<typeof callsAgainstBudget>;

/** As the source counted them. A loss of data allows one more, and calls may bunch by one belief window: told apart. */
function callsAgainstBudget({ settings, journal, callsAt }: Outcome) {
  const { calls, perMs } = settings.budget;
  const over = (losses: readonly number[], callToleranceMs: number) =>
    overspendings(callsAt, { calls, perMs, losses, callToleranceMs });
  const losses = journal.lossesOfCalls();
  const bunched = over(losses, 0);
  return {
    counted: callsAt.length,
    budget: settings.budget,
    bunchingAllowedMs: callToleranceOf(settings),
    over: over(losses, callToleranceOf(settings)).length,
    /** Windows with more calls than the budget, because Redis lost what it knew of them. */
    afterALoss: over([], 0).length - bunched.length,
    /** … because a call came earlier after its permit than another, and by how much. */
    bunched: bunched.length,
    bunchedByMs: Math.max(0, ...bunched.map(({ withinMs }) => perMs - withinMs)),
  };
}

function callLines({ counted, budget, over, afterALoss, bunched, bunchedByMs, bunchingAllowedMs }: Calls): string[] {
  return [
    `Source calls as the source counted them: ${counted}; the budget is ${budget.calls} in any ${budget.perMs} ms: ${over} over it`,
    `  (one more ${afterALoss} times where Redis lost its data; ${bunched} times calls bunched, by ${bunchedByMs} ms at most, ${bunchingAllowedMs} ms are allowed)`,
  ];
}
