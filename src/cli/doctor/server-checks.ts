/** What the server says of itself: kind, persistence, eviction, room. */
import type { PlainRedis } from '../fleet/plain-redis.ts';
import { type Finding, found, good, isForbidden, unknown } from './finding.ts';

const oldest = [6, 2] as const;
/** Of memory and of clients: beyond that it is nearly used up. */
const nearlyAll = 0.9;

type Facts = ReadonlyMap<string, string>;

export async function checkServer({ redis, place }: PlainRedis): Promise<Finding[]> {
  const facts = await infoOf(redis.info());
  const hello = pairs(await redis.call('HELLO').catch(() => []));
  const version = facts?.get('redis_version') ?? hello.get('version') ?? '';
  const mode = hello.get('mode') ?? facts?.get('redis_mode') ?? 'standalone';
  const role = hello.get('role') ?? facts?.get('role');
  const server = [kindOf(mode, place.isCluster), roleOf(role, mode), versionOf(version)].filter(
    (one): one is Finding => one !== undefined,
  );
  const isFine = server.length === 0;
  return [
    ...(isFine
      ? [good('server', `Redis ${version || 'of an unknown version'}, ${mode}, ${role ?? 'of an unknown role'}.`)]
      : server),
    ...(facts
      ? [await persistenceOf(redis, facts), evictionOf(facts), ...roomOf(facts)]
      : [
          unknown(
            'server',
            'This user may not run INFO: persistence, eviction policy and memory cannot be seen; ask with another user, or add +info.',
          ),
        ]),
  ];
}

function kindOf(mode: string, isCluster: boolean): Finding | undefined {
  if (mode === 'sentinel')
    return found('server', 'What answers is a sentinel.', 'Write sentinel://host1,host2/<name of the master>.');
  if (mode === 'cluster' && !isCluster)
    return found('server', 'What answers is a node of a Cluster.', 'Write cluster:// instead of redis://.');
  return undefined;
}

function roleOf(role: string | undefined, mode: string): Finding | undefined {
  if (role === undefined || role === 'master' || mode === 'sentinel') return undefined;
  return found(
    'server',
    'What answers is a replica, which takes no writes.',
    'Give the address of the master, or sentinel:// or cluster://, which find it.',
  );
}

function versionOf(version: string): Finding | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined) return undefined;
  const isOld = Number(major) < oldest[0] || (Number(major) === oldest[0] && Number(minor) < oldest[1]);
  return isOld
    ? found('server', `Redis ${version} is too old.`, `Update it to ${oldest.join('.')} or newer.`)
    : undefined;
}

async function persistenceOf(redis: PlainRedis['redis'], facts: Facts): Promise<Finding> {
  const failing = ['rdb_last_bgsave_status', 'aof_last_write_status', 'aof_last_bgrewrite_status'].filter(
    (name) => facts.get(name) === 'err',
  );
  if (failing.length > 0)
    return found(
      'persistence',
      `Redis cannot save to its disk (${failing.join(', ')}).`,
      'Look at its log and free the disk.',
    );
  if (facts.get('aof_enabled') === '1') return good('persistence', 'Writes go to an append-only file.');
  const save = await configOf(redis, 'save');
  if (save === undefined)
    return unknown('persistence', 'There is no append-only file; whether snapshots are saved this user is not told.');
  if (save !== '')
    return good(
      'persistence',
      `Snapshots are saved (save ${save}): a crash loses the last minutes, which pods restore.`,
    );
  return found(
    'persistence',
    'Redis keeps nothing on its disk: after a restart it is empty, and what no pod holds then is lost.',
    'Set appendonly yes (or save points), and a volume that outlives the process.',
  );
}

function evictionOf(facts: Facts): Finding {
  const policy = facts.get('maxmemory_policy');
  if (policy === undefined) return unknown('eviction', 'The server does not tell its maxmemory-policy.');
  if (policy === 'noeviction') return good('eviction', 'maxmemory-policy is noeviction.');
  return found(
    'eviction',
    `maxmemory-policy is ${policy}: Redis may evict the lock and the data, which costs an election and a restore each time.`,
    'Set maxmemory-policy noeviction, or give this fleet a Redis of its own.',
  );
}

function roomOf(facts: Facts): Finding[] {
  const number = (name: string) => Number(facts.get(name) ?? 0);
  const [used, most] = [number('used_memory'), number('maxmemory')];
  const [clients, mostClients] = [number('connected_clients'), number('maxclients')];
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  return [
    ...(most > 0 && used > nearlyAll * most
      ? [
          found(
            'memory',
            `${percent(used / most)} of maxmemory is used.`,
            'Raise maxmemory or delete other keys: when it is full nothing can be published.',
          ),
        ]
      : []),
    ...(mostClients > 0 && clients > nearlyAll * mostClients
      ? [
          found(
            'clients',
            `${clients} of ${mostClients} clients are connected.`,
            'Raise maxclients, or close what is left open.',
          ),
        ]
      : []),
  ];
}

/** Undefined when this user may not ask. */
async function infoOf(answer: Promise<string>): Promise<Facts | undefined> {
  try {
    const lines = (await answer).split('\r\n').map((line) => line.split(':'));
    return new Map(lines.flatMap(([name, ...rest]) => (name ? [[name, rest.join(':')] as const] : [])));
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

/** Undefined when this user may not ask, or the command is disabled as providers do. */
async function configOf(redis: PlainRedis['redis'], name: string): Promise<string | undefined> {
  const answer = await redis.call('CONFIG', 'GET', name).catch(() => undefined);
  return pairs(answer).get(name);
}

/** A map of RESP3, as whoever reads it may write it. */
function pairs(answer: unknown): ReadonlyMap<string, string> {
  if (answer instanceof Map) return new Map([...answer].map(([name, value]) => [String(name), String(value)]));
  if (Array.isArray(answer)) {
    const list = answer.map(String);
    return new Map(list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1] ?? ''] as const] : [])));
  }
  if (typeof answer !== 'object' || answer === null) return new Map();
  return new Map(Object.entries(answer).map(([name, value]) => [name, String(value)]));
}
