/** Leases that are confirmed more often than by default, so that the first one is granted after 0.4 s and not 1.5. */
export const quickLeases = {
  renewInterval: '100ms',
  leaseCommandLimit: '200ms',
  beliefWindow: '300ms',
  grace: '400ms',
} as const;
