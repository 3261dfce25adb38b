/**
 * How much one look at the fleet brings at most, whatever somebody has written there: a fleet of 2,000 whose pods report
 * two datasets each tells some 500 KB. Redis encodes it as JSON once more, which at worst makes six bytes of one.
 */
export const mostPodsSeen = 2_000;

/** Of a pod with several hundred datasets. What is longer is left out. */
export const longestReportBytes = 64 * 1_024;

/** Of all reports together; those that came first are seen. */
export const mostReportBytes = 4 * 1_024 * 1_024;
