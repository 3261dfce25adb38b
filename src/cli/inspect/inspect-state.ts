/** The lock, the lease, the data version and the schedule. */
import { DataVersion, type VersionRecord } from '../../../machines/index.ts';
import { formatDuration } from '../../duration.ts';
import type { PlainRedis } from '../fleet/plain-redis.ts';
import { printable } from '../fleet/printable.ts';
import { type Inspection, mostEntries, since } from './inspection.ts';

const longestText = 4 * 1024 * 1024;
const longestHolder = 1_000;

export async function inspectLock({ redis }: PlainRedis, key: string): Promise<Inspection> {
  const text = await redis.getrange(key, 0, longestHolder);
  const ttlLeftMs = await redis.pttl(key);
  const [, podId, digits] = /^([^#\s]{1,200})#(\d{1,14})$/.exec(text) ?? [];
  const left = ttlLeftMs < 0 ? 'does not expire' : `${formatDuration(ttlLeftMs)} left`;
  if (podId === undefined)
    return {
      isReadable: false,
      lines: [
        `"${printable(text)}" names no pod and no epoch: somebody else wrote it; it counts as a lock until it expires (${left}).`,
      ],
      value: { text, ttlLeftMs },
    };
  return {
    isReadable: true,
    lines: [`holder     ${printable(podId)}`, `epoch      ${digits}`, `lease      ${left}`],
    value: { podId, epoch: Number(digits), ttlLeftMs },
  };
}

export async function inspectLease({ redis }: PlainRedis, key: string): Promise<Inspection> {
  const names = ['epoch', 'holder', 'ttlMs', 'beliefWindowMs', 'since'] as const;
  const fields = await redis.hmget(key, ...names);
  const [epoch = null, holder, ttlMs, beliefWindowMs, grantedAt] = fields;
  const isReadable = epoch !== null && /^\d{1,14}$/.test(epoch);
  const ms = (text: string | null | undefined) => (text && /^\d+$/.test(text) ? formatDuration(Number(text)) : '-');
  return {
    isReadable,
    lines: [
      `epoch      ${printable(epoch ?? '-')}${isReadable ? '' : ' (not one of ours: the next grant replaces it)'}`,
      `granted to ${printable(holder ?? '-')}`,
      `since      ${grantedAt ? since(Number(grantedAt)) : '-'}`,
      `TTL        ${ms(ttlMs)}, belief window ${ms(beliefWindowMs)}`,
    ],
    value: Object.fromEntries(
      names.map((name, at) => [
        name,
        name === 'holder' || fields[at] == null ? (fields[at] ?? null) : Number(fields[at]),
      ]),
    ),
  };
}

export async function inspectDataVersion({ redis }: PlainRedis, key: string): Promise<Inspection> {
  const text = await redis.getrange(key, 0, longestText);
  const parsed = DataVersion.safeParse(jsonIn(text));
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0] ?? { path: [], message: '' };
    return {
      isReadable: false,
      lines: [`It cannot be read (${[...path.map(String), message].join(': ')}):`, printable(text, 1_000)],
      value: { text: text.slice(0, longestText) },
    };
  }
  const { format, generation, generatedAt, datasets } = parsed.data;
  const shown = Object.entries(datasets).slice(0, mostEntries);
  return {
    isReadable: true,
    lines: [
      `format     ${format}`,
      `generation ${printable(generation)}, since ${since(generatedAt)}`,
      ...shown.flatMap(([name, record]) => ['', ...recordLines(name, record)]),
      ...more(Object.keys(datasets).length),
    ],
    value: parsed.data,
  };
}

function recordLines(name: string, record: VersionRecord): string[] {
  const { revision, epoch, podId, updatedAt, checkedAt, sha256, bytes, encoding, isSuspect } = record;
  return [
    `${name}: revision ${revision}, epoch ${epoch}, by ${printable(podId)}`,
    `  published ${since(updatedAt)}, confirmed ${since(checkedAt)}`,
    `  ${bytes} bytes of ${encoding}, sha256 ${sha256}`,
    ...(isSuspect ? ['  a pod found its payload missing or wrong: whoever holds this version restores it'] : []),
  ];
}

export async function inspectSchedule({ redis }: PlainRedis, key: string): Promise<Inspection> {
  const [, flat] = await redis.hscan(key, 0, 'COUNT', 4 * mostEntries);
  const fields = flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ''] as const] : []));
  const sorted = fields.sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, 4 * mostEntries);
  return {
    isReadable: true,
    lines: [
      ...sorted.map(([name, text]) => `${printable(name).padEnd(20)} ${fieldText(name, text)}`),
      ...more(fields.length, 4 * mostEntries),
    ],
    value: Object.fromEntries(sorted.map(([name, text]) => [name, fieldValue(name, text)])),
  };
}

const isTime = (name: string) => /^yielded$|:(last|next|calls)$/.test(name);

function fieldText(name: string, text: string): string {
  if (name.endsWith(':delayMs') && /^\d+$/.test(text)) return formatDuration(Number(text));
  if (!isTime(name) || !/^[\d,]+$/.test(text)) return printable(text);
  return text
    .split(',')
    .slice(0, mostEntries)
    .map((at) => since(Number(at)))
    .join(', ');
}

function fieldValue(name: string, text: string): unknown {
  if (name.endsWith(':calls')) return text.split(',').slice(0, mostEntries).map(Number);
  return (isTime(name) || name.endsWith(':delayMs')) && /^\d+$/.test(text) ? Number(text) : text;
}

function more(count: number, most = mostEntries): string[] {
  return count > most ? [`… and ${count - most} more`] : [];
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
