/**
 * States and failover transitions that neither the swarm nor generated paths reach, each with the reason. The tests of
 * the machines by themselves (test/unit) take every transition there is, these too.
 */
export const notCovered: Readonly<Record<string, string>> = {
  'pod.degraded.refused:redis.up:0 -> pod.online':
    'a connection says that it was lost before it is up again, and the loss leads to degraded.disconnected; only one that says "up" twice takes it (test/unit/pod/connecting.suite.ts)',
  'sync.verifying:error.verifyRevisions:0 -> sync.retrying':
    'whatever a payload or a schema throws is a refusal (test/unit/codec.test.ts), so verifying itself fails only by a defect (test/unit/sync/taking.suite.ts)',
};
