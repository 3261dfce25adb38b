/** The lists of pods: by the time of their last or first poll, and with what they report. */
import { PodReport } from '../../../machines/index.ts';
import { formatDuration } from '../../duration.ts';
import { longestReportBytes } from '../../fleet-sight.ts';
import type { PlainRedis } from '../fleet/plain-redis.ts';
import { printable } from '../fleet/printable.ts';
import { type Inspection, mostEntries } from './inspection.ts';

export async function inspectPodsByTime({ redis }: PlainRedis, key: string): Promise<Inspection> {
  const flat = await redis.zrange(key, '0', String(mostEntries - 1), 'WITHSCORES');
  const count = await redis.zcard(key);
  const [seconds = 0] = await redis.time();
  const pods = flat.flatMap((podId, at) => (at % 2 === 0 ? [{ podId, at: Number(flat[at + 1]) }] : []));
  return {
    isReadable: true,
    lines: [
      ...pods.map(
        ({ podId, at }) => `${printable(podId)}  ${formatDuration(Math.max(0, Number(seconds) * 1_000 - at))} ago`,
      ),
      ...(count > pods.length ? [`… and ${count - pods.length} more`] : []),
    ],
    value: { count, pods },
  };
}

/**
 * As much of them as is shown, whatever somebody has written there: the rest stays in Redis. Without rights that a pod
 * hasn't.
 *
 * KEYS[1] pods:reports  hash  podId -> report
 * ARGV[1] mostEntries, ARGV[2] longestReport (bytes), ARGV[3] longestName (bytes)
 * Returns podId, report, podId, …; a report that is longer is ''.
 */
const reportsWithin = `
local found, names = {}, redis.call('HKEYS', KEYS[1])
for i = 1, math.min(#names, tonumber(ARGV[1])) do
  local report = redis.call('HGET', KEYS[1], names[i])
  found[#found + 1] = string.sub(names[i], 1, tonumber(ARGV[3]))
  found[#found + 1] = #report <= tonumber(ARGV[2]) and report or ''
end
return found`;

const longestNameBytes = 800;

export async function inspectPods({ redis }: PlainRedis, key: string): Promise<Inspection> {
  const bounds = [mostEntries, longestReportBytes, longestNameBytes];
  const flat = (await redis.eval(reportsWithin, 1, key, ...bounds)) as string[];
  const count = await redis.hlen(key);
  const reports = flat.flatMap((podId, at) => (at % 2 === 0 ? [{ podId, report: reportIn(flat[at + 1] ?? '') }] : []));
  return {
    isReadable: reports.every(({ report }) => report !== undefined),
    lines: [
      ...reports.flatMap(({ podId, report }) => reportLines(podId, report)),
      ...(count > reports.length ? [`… and ${count - reports.length} more`] : []),
    ],
    value: { count, reports: reports.map(({ podId, report }) => ({ podId, report: report ?? null })) },
  };
}

function reportIn(text: string): PodReport | undefined {
  try {
    return PodReport.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function reportLines(podId: string, report: PodReport | undefined): string[] {
  if (!report) return [`${printable(podId)}  its report cannot be read`];
  const versions = Object.entries(report.versions).map(
    ([name, { revision, epoch }]) => `${name} ${revision} (epoch ${epoch})`,
  );
  return [
    `${printable(podId)}  ${report.role}, epoch ${report.epoch}, ${versions.join(', ') || 'no data yet'}`,
    ...Object.entries(report.rejected).map(
      ([name, { version, reason }]) => `  refuses ${name} ${version.revision}: ${printable(reason, 500)}`,
    ),
  ];
}
