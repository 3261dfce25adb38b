/** How many pods one look at the fleet brings at most: some 500 KB, in a few milliseconds of Redis' time. */
export const mostPodsSeen = 2_000;
