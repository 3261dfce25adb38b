/** Who stands in the table. */
export const contestants = ['bellwether', 'ts-safe-redis-leader', 'redlock'] as const;
export type Contestant = (typeof contestants)[number];

/** How long a waiter of ts-safe-redis-leader waits before it asks again: the package has no default. */
export const tsSafeWaitMs = 250;
