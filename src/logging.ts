/**
 * Turns what happened into log lines: structured fields for machines, and the sentences that operators grep for.
 *
 * Never logs a payload, an address with its password or a header.
 */
import type { Logger } from 'pino';
import type { DatasetName, Role, TraceEntry, VersionRecords } from '../machines/index.ts';

export const logPrefix = '[DistributedManager]';

/** What a line may need beside the fact itself. */
export type LogContext = Readonly<{ mode: 'distributed' | 'standalone'; records: () => VersionRecords }>;

type Level = 'debug' | 'info' | 'warn' | 'error';
type Line = readonly [Level, string];

const title = (dataset: DatasetName) => dataset.charAt(0).toUpperCase() + dataset.slice(1);

const roleSentences: Partial<Record<Role, string>> = {
  leader: '👑 Became leader! Starting data refresh loop',
  degraded: '⚠️ Redis cannot be used: serving the last data, electing and fetching nothing',
  standalone: 'Standalone by configuration: this pod refreshes for itself',
};

type Sentences = {
  [Type in TraceEntry['type']]: (entry: Extract<TraceEntry, { type: Type }>, context: LogContext) => Line[];
};

const info = (sentence: string): Line[] => [['info', sentence]];
const warn = (sentence: string): Line[] => [['warn', sentence]];
const error = (sentence: string): Line[] => [['error', sentence]];

const sentences: Sentences = {
  'role.changed': ({ from, to, cause }) => [
    ['info', `Role changed: ${from} -> ${to} (${cause})`],
    ...(roleSentences[to] ? [[to === 'degraded' ? 'warn' : 'info', roleSentences[to]] satisfies Line] : []),
  ],
  'redis.up': () => info('Connected to Redis and subscribed'),
  'redis.down': ({ failure }) => (failure.kind === 'misconfigured' ? error : warn)(`Redis: ${failure.message}`),
  'redis.failed': ({ failure }) => warn(`A Redis command failed: ${failure.message}`),
  'lease.granted': ({ epoch, cause }) => info(`Lease granted (epoch ${epoch}, ${cause})`),
  'belief.ended': ({ epoch }) => [['debug', `No longer acts as leader (epoch ${epoch})`]],
  'lease.uncertain': ({ epoch }) =>
    warn(`Lease unconfirmed (epoch ${epoch}): nothing is fetched or published until it is`),
  'lease.confirmed': ({ epoch, hasStayed }) =>
    hasStayed
      ? [['debug', `Keeps the lease, which no other pod could take (epoch ${epoch})`]]
      : info(`Lease confirmed again (epoch ${epoch})`),
  'lease.ended': ({ epoch, cause }) => info(`Lease ended (epoch ${epoch}, ${cause})`),
  'leader.elected': ({ leader, epoch }) => info(`Leader is ${leader} (epoch ${epoch})`),
  'leader.gone': ({ leader, epoch, cause }) => info(`Leader ${leader} is gone (epoch ${epoch}, ${cause})`),
  'pod.stopping': () => info('Stopping'),
  'takeover.blind': ({ reason }) =>
    warn(`Presence of the leader cannot be seen (${reason}): a dead leader is replaced when its lock expires`),
  'source.called': (_, { mode }) =>
    info(`🔄 ${mode === 'standalone' ? 'Standalone pod' : 'Leader'} refreshing data from external APIs...`),
  'source.failed': ({ dataset, attempt, failure }) =>
    warn(`❌ ${title(dataset)} refresh failed (attempt ${attempt}): ${failure.message}`),
  'permit.refused': ({ dataset, waitMs }) =>
    warn(`${title(dataset)}: the budget of source calls is spent, next call in ${waitMs} ms`),
  'revision.published': ({ dataset, record }, { mode, records }) => [
    ['info', `✅ ${title(dataset)} refreshed successfully`],
    ...(mode === 'standalone'
      ? []
      : info(`📝 Updated data version: ${dataVersion({ ...records(), [dataset]: record })}`)),
  ],
  'revision.unchanged': ({ dataset, record }) =>
    info(`✅ ${title(dataset)} refreshed successfully: unchanged (revision: ${record.revision})`),
  'revision.applied': ({ dataset, record }, { mode }) => {
    const how = mode === 'standalone' ? 'held in memory cache' : 'synced from Redis to memory cache';
    return info(`✅ ${title(dataset)} ${how} (revision: ${record.revision})`);
  },
  'revision.rejected': ({ dataset, record, reason }) =>
    error(
      `${title(dataset)} revision ${record.revision} refused, the last good one stays: ${reason}. Is this pod of another version than the leader, or has it other options?`,
    ),
  'revision.damaged': ({ dataset, record, reason }) =>
    error(
      `${title(dataset)} revision ${record.revision} is damaged in Redis, the last good one stays: ${reason}. A pod that holds it restores it; if it recurs, find out who else writes to this Redis.`,
    ),
  'revision.restored': ({ dataset }) => warn(`${title(dataset)} restored to Redis from this pod's memory`),
  'publishing.blocked': ({ dataset, failure }) =>
    error(`${title(dataset)} cannot be published, the result is kept: ${failure.message}`),
  'publishing.mismatched': ({ dataset }) =>
    warn(`${title(dataset)}: Redis holds another version than expected, syncing before publishing`),
  'publishing.fenced': ({ dataset }) => warn(`${title(dataset)}: fenced, another pod holds a newer lease`),
  'generation.changed': ({ from, to }) =>
    warn(`Redis' data is new (generation ${from} -> ${to}): it was wiped or replaced`),
};

/** `rates=12345, terms=67890`: by name, so that the line looks the same whichever was published first. */
function dataVersion(records: VersionRecords): string {
  return Object.entries(records)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([dataset, { revision }]) => `${dataset}=${revision}`)
    .join(', ');
}

/** @param isRepeat told already: a detail now, whatever it was */
export function logTrace(logger: Logger, entry: TraceEntry, context: LogContext, isRepeat = false): void {
  if (logger.level === 'silent') return;
  const { type, at: _at, ...fields } = entry;
  const toLines = sentences[type] as (entry: TraceEntry, context: LogContext) => Line[];
  for (const [level, sentence] of toLines(entry, context)) {
    logger[isRepeat ? 'debug' : level]({ event: type, ...fields }, `${logPrefix} ${sentence}`);
  }
}
