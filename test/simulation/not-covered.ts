/** States and failover transitions that neither the swarm nor generated paths reach, each with the reason. */
export const notCovered: Readonly<Record<string, string>> = {
  'pod:error.connection:0 -> pod.degraded': 'only a defect of a connection throws, and the simulated one has none',
  'pod.online.follower.checking:done.takeOverLease:6 -> pod.online.follower.watching':
    'the simulated Redis always shows presence; the tests on real Redis with ACL and Cluster take it',
};
