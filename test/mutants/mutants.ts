/**
 * The library broken on purpose, one rule at a time, and the test that must find out. A checker is worth what it
 * catches: each of these is a mistake that somebody has made in a package of this kind.
 */
export type Mutant = Readonly<{
  /** What is broken. */
  breaking: string;
  file: string;
  /** Stands once in the file. */
  original: string;
  mutated: string;
  /** The test file that is run. */
  tests: string;
  /** Of these tests only; some of them must still pass, so that a syntax error is no success. */
  only: string;
  /** Part of the title of a test that must turn red. */
  red: string;
}>;

const redis = 'test/contract/redis.test.ts';

/** On no server: seconds. */
export const quickMutants: readonly Mutant[] = [
  {
    breaking: 'the wall clock is trusted: belief ends by it alone',
    file: 'src/belief.ts',
    original: 'this.#clock.monotonic() - this.#since.monotonicMs,\n',
    mutated: '0,\n',
    tests: 'test/unit/belief.test.ts',
    only: 'belief',
    red: 'ends when the monotonic clock alone says so',
  },
  {
    breaking: 'what happened while the pod was away is not read after it has subscribed again',
    file: 'machines/sync.machine.ts',
    original: "initial: 'checking',",
    mutated: "initial: 'idle',",
    tests: 'test/unit/sync.machine.test.ts',
    only: '',
    red: 'begins with a poll that reports what this pod holds and refuses',
  },
];

export const mutants: readonly Mutant[] = [
  {
    breaking: 'the fence is dropped: whoever once held the lease may act',
    file: 'src/redis/lua/lib/holder.lua',
    original: "return redis.call('GET', lockKey)",
    mutated: "return true or redis.call('GET', lockKey)",
    tests: redis,
    only: 'publications publish',
    red: 'changes nothing once a new lease was granted',
  },
  {
    breaking: 'the fence looks at the lock alone, not at the epoch that pods have reported',
    file: 'src/redis/lua/lib/holder.lua',
    original: " and redis.call('HGET', leaseKey, 'epoch') == epoch",
    mutated: '',
    tests: redis,
    only: 'publications publish',
    red: 'changes nothing once a pod reported a higher epoch',
  },
  {
    breaking: 'the lease is renewed by SET XX, whoever holds it',
    file: 'src/redis/lua/renew.lua',
    original:
      "if not isHolder(KEYS[1], KEYS[2], ARGV[1], ARGV[2]) then return 0 end\nreturn redis.call('PEXPIRE', KEYS[1], ARGV[3])",
    mutated: "return redis.call('SET', KEYS[1], ARGV[1] .. '#' .. ARGV[2], 'XX', 'PX', ARGV[3]) and 1 or 0",
    tests: redis,
    only: 'lease renew',
    red: "another pod, another epoch, or nobody's lock: lost",
  },
  {
    breaking: 'a lease that is gone is recreated by its renewal',
    file: 'src/redis/lua/renew.lua',
    original:
      "if not isHolder(KEYS[1], KEYS[2], ARGV[1], ARGV[2]) then return 0 end\nreturn redis.call('PEXPIRE', KEYS[1], ARGV[3])",
    mutated: "redis.call('SET', KEYS[1], ARGV[1] .. '#' .. ARGV[2], 'PX', ARGV[3])\nreturn 1",
    tests: redis,
    only: 'lease renew',
    red: 'a lost lease is never recreated by renew',
  },
  {
    breaking: 'commands in flight are sent again after a reconnection',
    file: 'src/redis/options.ts',
    original: 'maxRetriesPerRequest: 0,\n    autoResendUnfulfilledCommands: false,',
    mutated: 'maxRetriesPerRequest: null,\n    autoResendUnfulfilledCommands: true,',
    tests: 'test/redis/resending.test.ts',
    only: '',
    red: 'a command whose reply was lost runs once',
  },
  {
    breaking: 'the belief counts from the reply, not from the sending',
    file: 'src/belief.ts',
    original: 'this.#since = sentAt;',
    mutated: 'this.#since = momentOf(this.#clock);',
    tests: 'test/unit/belief.test.ts',
    only: 'belief',
    red: 'counts from the sending: 300 ms of the window are gone on arrival',
  },
  {
    breaking: 'a takeover looks at presence alone, not at the age of the lock',
    file: 'src/redis/lua/take_over.lua',
    original: 'if ageMs < minAgeMs then',
    mutated: 'if false then',
    tests: redis,
    only: 'takeover',
    red: 'a holder that is gone keeps its lease for one grace since its last renewal',
  },
  {
    breaking: 'a takeover looks at the age of the lock alone, not at presence',
    file: 'src/redis/lua/take_over.lua',
    original: 'if tonumber(reply[2]) > 0 then',
    mutated: 'if false then',
    tests: redis,
    only: 'takeover',
    red: 'a holder that is connected keeps its lease, however old the lock',
  },
  {
    breaking: 'epochs begin again when Redis has forgotten them',
    file: 'src/redis/lua/lib/grant.lua',
    original: 'dataVersion), request.seenEpoch) + 1',
    mutated: 'dataVersion), 0) + 1',
    tests: redis,
    only: 'lease acquire',
    red: 'the new epoch is higher than the one the caller has seen',
  },
  {
    breaking: 'new data holds no lease back',
    file: 'src/redis/lua/acquire.lua',
    original: 'if waitMs > 0 then',
    mutated: 'if false then',
    tests: redis,
    only: 'lease acquire',
    red: 'no lease in the first grace of a generation',
  },
  {
    breaking: 'a publication is not compared with what the leader built on',
    file: 'src/redis/lua/publish.lua',
    original: 'if compareVersions(stored, expected) ~= 0 or compareVersions(record, stored) <= 0 then',
    mutated: 'if false then',
    tests: redis,
    only: 'publications publish',
    red: 'built on another version than the stored one: mismatch',
  },
  {
    breaking: 'whoever restores last wins, not the newest version',
    file: 'src/redis/lua/restore.lua',
    original: "if order < 0 then return 'notWanted' end",
    mutated: '',
    tests: redis,
    only: 'data restore',
    red: 'an older version is not wanted, by revision, then epoch, then publisher',
  },
  {
    breaking: 'a wiped schedule forgets the calls that pods remember',
    file: 'src/redis/lua/claim.lua',
    original: 'cjson.decode(ARGV[8])',
    mutated: '{}',
    tests: redis,
    only: 'permits',
    red: 'remembered calls win over a wiped schedule',
  },
  {
    breaking: 'a leader that nobody hears goes on for ever',
    file: 'machines/lease.machine.ts',
    original: "after: {\n        uncertainLimit: {\n          target: 'lost',",
    mutated: "after: {\n        uncertainLimit: {\n          target: '.renewing',",
    tests: 'test/unit/pod.machine.test.ts',
    only: 'a leader whose lease is unconfirmed',
    red: 'steps down after the limit: it is heard but never hears',
  },
  {
    breaking: 'a pause of the process is not noticed by the lease',
    file: 'machines/pod.machine.ts',
    original: "passJump: sendTo('lease', { type: 'time.jumped' }),",
    mutated: "passJump: sendTo('sync', { type: 'sync.check' }),",
    tests: 'test/unit/pod.machine.test.ts',
    only: 'a leader whose lease is unconfirmed',
    red: 'is so at once after a pause or a jump of a clock (refreshing)',
  },
  {
    breaking: 'a payload is served whatever its checksum',
    file: 'src/codec.ts',
    original: 'if (sha256Of(payload) !== record.sha256)',
    mutated: 'if (payload.length < 0)',
    tests: 'test/unit/announcements.test.ts',
    only: '',
    red: 'a wrong checksum: what was served stays',
  },
];
