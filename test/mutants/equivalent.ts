/**
 * The mutants that nobody could tell from the original, each with the reason. They are not run.
 * What isn't here is caught, or `npm run mutants` fails.
 */
import type { ConditionMutant } from './condition-mutants.ts';

/** `on` what line, where the same condition stands on others that matter. */
type Change = readonly [original: string, becomes: string, on?: string];
type Equivalent = Readonly<{ file: string; changes: readonly Change[]; because: string }>;

export const equivalents: readonly Equivalent[] = [
  {
    file: 'src/belief.ts',
    changes: [['this.#suspendedUntilMs !== undefined', 'true', 'sentAt.monotonicMs']],
    because: 'no moment is later than undefined: the other half says the same',
  },
  {
    file: 'src/actors/refresh.ts',
    changes: [
      ['current', 'true'],
      ['result.proposal', 'true'],
      ['!stored', 'false', 'if (!stored || !version'],
      ['!stored', 'false', 'if (!stored || compareVersions'],
      ['!version', 'false'],
    ],
    because: 'the other conditions are never met without it: asked for the types',
  },
  {
    file: 'src/actors/verify-staged.ts',
    changes: [['payload', 'true']],
    because: 'nothing is verified without its payload: asked for the types',
  },
  {
    file: 'src/redis/lua/look.lua',
    changes: [['polledAt', 'true']],
    because: 'an entry that lacks it is refused by the schema of the reply too, and left out there',
  },
  {
    file: 'src/redis/lua/confirm.lua',
    changes: [['not record', 'false']],
    because: 'no record is no version, which is another one than the confirmed: the other half says the same',
  },
  {
    file: 'src/redis/lua/publish.lua',
    changes: [['stored', 'true']],
    because: 'no record is no version, which is another one than the proposed: the other half says the same',
  },
  {
    file: 'src/memory/publication-store.ts',
    changes: [
      ['stored', 'true'],
      ['!dataVersion', 'false'],
      ['!stored', 'false'],
    ],
    because: 'no record is no version, which is another one than any: asked for the types',
  },
  {
    file: 'src/memory/data-store.ts',
    changes: [['!dataVersion', 'false']],
    because: 'without a data version there is no record, which the next operand asks: asked for the types',
  },
  {
    file: 'src/redis/lua/poll.lua',
    changes: [['record', 'true', 'if order > 0']],
    because: 'without a record no payload is missing: `isPayloadGone` is nil then',
  },
  {
    file: 'src/redis/lua/yield.lua',
    changes: [['last > now', 'last >= now']],
    because: 'what is now is set to now',
  },
  {
    file: 'src/redis/lua/lib/grant.lua',
    changes: [['dataVersion.generatedAt > now', 'dataVersion.generatedAt >= now']],
    because: 'what is now is set to now',
  },
  {
    file: 'src/memory/data-version.ts',
    changes: [['dataVersion.generatedAt > now', 'dataVersion.generatedAt >= now']],
    because: 'what is now is set to now',
  },
  {
    file: 'src/redis/lua/lib/lock.lua',
    changes: [['left > grantedTtlMs', 'left >= grantedTtlMs']],
    because: 'what is left of the lock is set to what is left',
  },
  {
    file: 'src/memory/lock.ts',
    changes: [['lock.ttlLeftMs > grantedTtlMs', 'lock.ttlLeftMs >= grantedTtlMs']],
    because: 'what is left of the lock is set to what is left',
  },
  {
    file: 'src/redis/lua/lib/schedule.lua',
    changes: [
      ['at <= now + delayMs', 'at < now + delayMs'],
      ['since <= now', 'since < now'],
      ['isNews or at ~= stored[i]', 'true'],
    ],
    because: 'what is stored is stored again',
  },
  {
    file: 'src/memory/schedule.ts',
    changes: [
      ['at < deferral.at', 'true'],
      ['at < deferral.at', 'at <= deferral.at'],
      ['at !== stored', 'true'],
      ['isNews', 'true'],
    ],
    because: 'what is stored is stored again',
  },
  {
    file: 'src/redis/lua/lib/schedule.lua',
    changes: [
      ['number and #numbers < mostCalls', 'true'],
      ['number', 'true'],
      ['#numbers < mostCalls', 'true'],
      ['#numbers < mostCalls', '#numbers <= mostCalls'],
    ],
    because:
      'the scripts store at most `mostCalls` numbers, and mergeCalls() looks at no more: against what a person wrote',
  },
  {
    file: 'src/redis/lua/lib/schedule.lua',
    changes: [
      ['not at', 'false', 'not delayMs'],
      ['not delayMs', 'false'],
    ],
    because: 'both fields are written and deleted together: each half says the same',
  },
  {
    file: 'src/redis/lua/lib/lock.lua',
    changes: [['not ttlMs', 'false']],
    because: 'whoever asks for the terms takes a missing TTL for missing terms',
  },
  {
    file: 'src/redis/lua/lib/data_version.lua',
    changes: [
      ['#record.podId <= 800', '#record.podId < 800'],
      ['#value <= longest', '#value < longest'],
      ['value <= 2 ^ 53', 'value < 2 ^ 53'],
    ],
    because: 'the pods allow a quarter of these bytes and numbers below 2^53: nothing that they take lies at the limit',
  },
  {
    file: 'src/redis/lua/lib/data_version.lua',
    changes: [['not isJson', 'false']],
    because: 'then the value is the error’s text, and no table',
  },
  {
    file: 'src/redis/lua/lib/data_version.lua',
    changes: [
      ['left < right', 'left <= right'],
      ['#a < #b', '#a <= #b'],
    ],
    because: 'equal bytes and equal ids were dealt with before',
  },
  {
    file: 'src/memory/data-version.ts',
    changes: [
      ["typeof value === 'object' && value !== null", 'true'],
      ["typeof value === 'object'", 'true'],
      ['value !== null', 'true'],
    ],
    because: 'the schema of the header refuses what is no object: asked for the types',
  },
  {
    file: 'src/memory/data-version.ts',
    changes: [['record.success', 'true']],
    because: 'a record that can’t be read is undefined, which is read as none',
  },
  {
    file: 'src/memory/data-version.ts',
    changes: [['validators', 'true']],
    because: 'undefined validators are none',
  },
  {
    file: 'src/memory/lease-store.ts',
    changes: [
      ['keys.yieldedAt !== undefined', 'true', 'Math.min'],
      ['keys.yieldedAt !== undefined', 'true', 'tooSoon'],
    ],
    because: 'arithmetic with undefined is NaN, and no comparison with that holds: asked for the types',
  },
  {
    file: 'src/memory/lock.ts',
    changes: [
      ['!lock', 'false', '!leaderLock'],
      ['!leaderLock', 'false'],
    ],
    because: 'the observed lock is there when the stored one is: each half says the same',
  },
  {
    file: 'src/memory/lock.ts',
    changes: [['grantedTtlMs !== undefined', 'true']],
    because: 'no comparison with undefined holds: asked for the types',
  },
  {
    file: 'src/memory/permit-store.ts',
    changes: [['lastCall === undefined', 'false']],
    because: 'arithmetic with undefined is NaN, and no comparison with that holds: due at once, as without',
  },
  {
    file: 'src/memory/presence.ts',
    changes: [['holder === undefined', 'false']],
    because: 'undefined has no rank: asked for the types',
  },
  {
    file: 'src/memory/schedule.ts',
    changes: [
      ['ageMs === undefined', 'false'],
      ['remembered !== undefined', 'true'],
    ],
    because: 'one of the two is there, and no comparison with undefined or NaN holds: asked for the types',
  },
  ...[
    { file: 'src/memory/presence.ts', sizes: ['podsOrder.size > pods.size', 'podReports.size > pods.size'] },
    {
      file: 'src/redis/lua/poll.lua',
      sizes: ["redis.call('ZCARD', KEYS[6]) > size", "redis.call('HLEN', KEYS[7]) > size"],
    },
  ].map(({ file, sizes }): Equivalent => {
    const changes = sizes.flatMap((size): Change[] => [
      [size, 'true'],
      [size, size.replace('>', '>=')],
    ]);
    const because = 'a short cut: whoever is not listed is dropped now, or a poll later where both lists were evicted';
    return { file, changes, because };
  }),
  {
    file: 'machines/refresh.machine.ts',
    changes: [['leaseIsConfirmed', 'true']],
    because: 'what comes next sends it back at once while the lease is unconfirmed: it only looks more often',
  },
  {
    file: 'machines/lease.machine.ts',
    changes: [["outcome.outcome === 'renewed'", 'true']],
    because: 'the only other outcome is `lost`, which the guard before it has taken',
  },
];

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ');

export function isChanged({ original, becomes, line }: ConditionMutant, [from, to, on = '']: Change): boolean {
  return from === original && to === oneLine(becomes) && line.includes(on);
}

export function reasonOf(mutant: ConditionMutant): string | undefined {
  const found = equivalents.find(
    ({ file, changes }) => file === mutant.file && changes.some((change) => isChanged(mutant, change)),
  );
  return found?.because;
}
