/**
 * The library broken on purpose, one promise at a time, and the test that must find out. A checker is worth what it
 * catches: each of these is a mistake that somebody has made in a package of this kind. What can be made from the source
 * (every guard, every condition) is in condition-mutants.ts.
 */
export type SeededBug = Readonly<{
  /** What is broken. */
  breaking: string;
  /** The number of the promise in machines/invariants.ts and docs/failover.md. */
  promise: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
  file: string;
  /** Stands once in the file. */
  original: string;
  mutated: string;
  /** What kind of test finds out. */
  layer: string;
  /** The test file that is run. */
  tests: string;
  /** Of these tests only; some of them must still pass, so that a syntax error is no success. */
  only: string;
  /** Part of the title of a test that must turn red. */
  red: string;
}>;

const contract = { layer: 'contract', tests: 'test/contract/redis.test.ts' };
const scenarios = { layer: 'scenarios', tests: 'test/scenarios/scenarios.test.ts' };
const unit = (tests: string) => ({ layer: 'unit', tests: `test/unit/${tests}.test.ts` });

export const quickBugs: readonly SeededBug[] = [
  {
    breaking: 'the wall clock is trusted: belief ends by it alone',
    promise: 6,
    file: 'src/belief.ts',
    original: 'this.#clock.monotonic() - this.#since.monotonicMs',
    mutated: '0',
    ...unit('belief'),
    only: 'belief',
    red: 'ends when the monotonic clock alone says so',
  },
  {
    breaking: 'what happened while the pod was away is not read after it has subscribed again',
    promise: 7,
    file: 'machines/sync.machine.ts',
    original: "initial: 'checking',",
    mutated: "initial: 'idle',",
    ...unit('sync.machine'),
    only: '',
    red: 'begins with a poll that reports what this pod holds and refuses',
  },
];

const otherBugs: readonly SeededBug[] = [
  {
    breaking: 'the fence is dropped: whoever once held the lease may act',
    promise: 1,
    file: 'src/redis/lua/lib/holder.lua',
    original: "return redis.call('GET', lockKey)",
    mutated: "return true or redis.call('GET', lockKey)",
    ...contract,
    only: 'publications publish',
    red: 'changes nothing once a new lease was granted',
  },
  {
    breaking: 'the fence looks at the lock alone, not at the epoch that pods have reported',
    promise: 1,
    file: 'src/redis/lua/lib/holder.lua',
    original: " and redis.call('HGET', leaseKey, 'epoch') == epoch",
    mutated: '',
    ...contract,
    only: 'publications publish',
    red: 'changes nothing once a pod reported a higher epoch',
  },
  {
    breaking: 'the lease is renewed by SET XX, whoever holds it',
    promise: 6,
    file: 'src/redis/lua/renew.lua',
    original:
      "if not isHolder(KEYS[1], KEYS[2], ARGV[1], ARGV[2]) then return 0 end\nreturn redis.call('PEXPIRE', KEYS[1], ARGV[3])",
    mutated: "return redis.call('SET', KEYS[1], ARGV[1] .. '#' .. ARGV[2], 'XX', 'PX', ARGV[3]) and 1 or 0",
    ...contract,
    only: 'lease renew',
    red: "another pod, another epoch, or nobody's lock: lost",
  },
  {
    breaking: 'a lease that is gone is recreated by its renewal',
    promise: 6,
    file: 'src/redis/lua/renew.lua',
    original:
      "if not isHolder(KEYS[1], KEYS[2], ARGV[1], ARGV[2]) then return 0 end\nreturn redis.call('PEXPIRE', KEYS[1], ARGV[3])",
    mutated: "redis.call('SET', KEYS[1], ARGV[1] .. '#' .. ARGV[2], 'PX', ARGV[3])\nreturn 1",
    ...contract,
    only: 'lease renew',
    red: 'a lost lease is never recreated by renew',
  },
  {
    breaking: 'commands in flight are sent again after a reconnection',
    promise: 5,
    file: 'src/redis/options.ts',
    original: 'maxRetriesPerRequest: 0,\n    autoResendUnfulfilledCommands: false,',
    mutated: 'maxRetriesPerRequest: null,\n    autoResendUnfulfilledCommands: true,',
    layer: 'redis',
    tests: 'test/redis/resending.test.ts',
    only: '',
    red: 'a command whose reply was lost runs once',
  },
  {
    breaking: 'the belief counts from the reply, not from the sending',
    promise: 6,
    file: 'src/belief.ts',
    original: 'this.#since = sentAt;',
    mutated: 'this.#since = momentOf(this.#clock);',
    ...unit('belief'),
    only: 'belief',
    red: 'counts from the sending: 300 ms of the window are gone on arrival',
  },
  {
    breaking: 'the monotonic clock is trusted: a machine that slept goes on believing',
    promise: 6,
    file: 'src/belief.ts',
    original: 'this.#clock.now() - this.#since.wallMs',
    mutated: '0',
    ...unit('belief'),
    only: 'belief',
    red: 'ends when the wall clock alone says that the time is over',
  },
  {
    breaking: 'the belief window is a millisecond longer',
    promise: 6,
    file: 'src/belief.ts',
    original: 'this.#windowMs - passedMs',
    mutated: 'this.#windowMs + 1 - passedMs',
    ...unit('belief'),
    only: 'belief',
    red: 'is held for exactly one window',
  },
  {
    breaking: 'a leader that offers its lease goes on believing in it',
    promise: 6,
    file: 'src/actors/lease.ts',
    original: 'parts.memory.belief.suspend();',
    mutated: '',
    ...unit('belief'),
    only: '',
    red: 'suspends the belief until its answer, here "yielded"',
  },
  {
    breaking: 'a takeover looks at presence alone, not at the age of the lock',
    promise: 6,
    file: 'src/redis/lua/take_over.lua',
    original: 'if ageMs < minAgeMs then',
    mutated: 'if false then',
    ...contract,
    only: 'takeover',
    red: 'a holder that is gone keeps its lease for one grace since its last renewal',
  },
  {
    breaking: 'a takeover looks at the age of the lock alone, not at presence',
    promise: 6,
    file: 'src/redis/lua/take_over.lua',
    original: 'if tonumber(reply[2]) > 0 then',
    mutated: 'if false then',
    ...contract,
    only: 'takeover',
    red: 'a holder that is connected keeps its lease, however old the lock',
  },
  {
    breaking: 'epochs begin again when Redis has forgotten them',
    promise: 2,
    file: 'src/redis/lua/lib/grant.lua',
    original: 'dataVersion), request.seenEpoch) + 1',
    mutated: 'dataVersion), 0) + 1',
    ...contract,
    only: 'lease acquire',
    red: 'the new epoch is higher than the one the caller has seen',
  },
  {
    breaking: 'new data holds no lease back',
    promise: 6,
    file: 'src/redis/lua/acquire.lua',
    original: 'if waitMs > 0 then',
    mutated: 'if false then',
    ...contract,
    only: 'lease acquire',
    red: 'no lease in the first grace of a generation',
  },
  {
    breaking: 'a publication is not compared with what the leader built on',
    promise: 3,
    file: 'src/redis/lua/publish.lua',
    original: 'if compareVersions(stored, expected) ~= 0 or compareVersions(record, stored) <= 0 then',
    mutated: 'if false then',
    ...contract,
    only: 'publications publish',
    red: 'built on another version than the stored one: mismatch',
  },
  {
    breaking: 'whoever restores last wins, not the newest version',
    promise: 9,
    file: 'src/redis/lua/restore.lua',
    original: "if order < 0 then return 'notWanted' end",
    mutated: '',
    ...contract,
    only: 'data restore',
    red: 'an older version is not wanted, by revision, then epoch, then publisher',
  },
  {
    breaking: 'a wiped schedule forgets the calls that pods remember',
    promise: 5,
    file: 'src/redis/lua/claim.lua',
    original: 'cjson.decode(ARGV[8])',
    mutated: '{}',
    ...contract,
    only: 'permits',
    red: 'remembered calls win over a wiped schedule',
  },
  {
    breaking: 'a leader that nobody hears goes on for ever',
    promise: 7,
    file: 'machines/lease.machine.ts',
    original: "after: {\n        uncertainLimit: {\n          target: 'lost',",
    mutated: "after: {\n        uncertainLimit: {\n          target: '.renewing',",
    ...unit('pod.machine'),
    only: 'a leader whose lease is unconfirmed',
    red: 'steps down after the limit: it is heard but never hears',
  },
  {
    breaking: 'a pause of the process is not noticed by the lease',
    promise: 6,
    file: 'machines/pod.machine.ts',
    original: "passJump: sendTo('lease', { type: 'time.jumped' }),",
    mutated: "passJump: sendTo('sync', { type: 'sync.check' }),",
    ...unit('pod.machine'),
    only: 'a leader whose lease is unconfirmed',
    red: 'is so at once after a pause or a jump of a clock (refreshing)',
  },
  {
    breaking: 'a payload is served whatever its checksum',
    promise: 4,
    file: 'src/codec.ts',
    original: 'if (sha256Of(payload) !== record.sha256)',
    mutated: 'if (payload.length < 0)',
    ...unit('announcements'),
    only: '',
    red: 'a wrong checksum: what was served stays',
  },
  {
    breaking: 'the epoch is not raised to the one that pods have seen',
    promise: 1,
    file: 'src/redis/lua/poll.lua',
    original: "write('HSET', KEYS[3], 'epoch', ARGV[3])",
    mutated: '',
    ...contract,
    only: 'poll',
    red: 'raises the stored epoch to the highest the caller has seen',
  },
  {
    breaking: 'a takeover comes a millisecond too early',
    promise: 6,
    file: 'src/redis/lua/take_over.lua',
    original: 'local ageMs = holderTtlMs - lock.ttlLeftMs',
    mutated: 'local ageMs = holderTtlMs - lock.ttlLeftMs + 1',
    ...contract,
    only: 'takeover',
    red: 'for one grace since its last renewal, and not a millisecond more',
  },
  {
    breaking: 'a lock of the memory store is gone a millisecond too early',
    promise: 6,
    file: 'src/memory/lock.ts',
    original: 'keys.leaderLock = { value, expiresAt: now() + ttlMs };',
    mutated: 'keys.leaderLock = { value, expiresAt: now() + ttlMs - 1 };',
    layer: 'contract',
    tests: 'test/contract/memory.test.ts',
    only: 'lease',
    red: 'the lock lives through the millisecond of its expiry',
  },
  {
    breaking: 'what the source answered is published before it is validated',
    promise: 4,
    file: 'machines/refresh.machine.ts',
    original: "guard: 'sourceHasAnswered',\n            target: 'validating',",
    mutated: "guard: 'sourceHasAnswered',\n            target: 'publishing',",
    ...scenarios,
    only: 'scenario',
    red: 'source-answers-garbage.txt',
  },
  {
    breaking: 'the source is called without a permit',
    promise: 5,
    file: 'machines/refresh.machine.ts',
    original: "{ target: 'claiming' },\n      ],",
    mutated: "{ target: 'fetching' },\n      ],",
    ...unit('refresh.machine'),
    only: '',
    red: 'comes before every source call, and the call is told',
  },
  {
    breaking: 'a permit is used for as long as the pod likes',
    promise: 5,
    file: 'src/actors/refresh.ts',
    original: 'clock.monotonic() - permit.sentAt.monotonicMs < timing.beliefWindowMs',
    mutated: 'true',
    ...unit('permits'),
    only: '',
    red: 'one belief window ago is not used',
  },
  {
    breaking: 'a pod takes whatever version comes last',
    promise: 3,
    file: 'src/reader.ts',
    original: 'if (compareVersions(revision.record, this.#revisions.get(dataset)?.record) <= 0) return false;',
    mutated: '',
    ...unit('reader'),
    only: '',
    red: 'offered a lower revision of a later epoch',
  },
  {
    breaking: 'a version that nobody of the fleet has signed is served all the same',
    promise: 4,
    file: 'src/actors/verify-staged.ts',
    original: "if (objection !== undefined) return { outcome: 'rejected', reason: objection };",
    mutated: '',
    layer: 'redis',
    tests: 'test/security/integrity.test.ts',
    only: 'a fleet gets its first key|a pod that starts beside forged data',
    red: 'a pod that starts beside forged data',
  },
  {
    breaking: 'a pod that loses Redis ends, and serves nothing any more',
    promise: 8,
    file: 'machines/pod.machine.ts',
    original:
      "target: 'degraded',\n          actions: ['noteFailure', 'recordFacts'],\n          description: 'The connection is lost",
    mutated:
      "target: 'stopped',\n          actions: ['noteFailure', 'recordFacts'],\n          description: 'The connection is lost",
    ...scenarios,
    only: 'scenario',
    red: 'redis-restarts.txt',
  },
];

export const seededBugs: readonly SeededBug[] = [...quickBugs, ...otherBugs];
