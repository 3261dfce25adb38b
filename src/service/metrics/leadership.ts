/** Who leads, as this pod sees it; the fleet's answer is the sum over its pods. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { GrantCause, Role } from '../../../machines/index.ts';
import type { WatchedPod } from '../pod-health.ts';

/** How a lease of this pod ended; see `lease.ended`. */
const endCauses = ['lost', 'unheard', 'fenced', 'yielded', 'released', 'unconfirmed', 'other'];

export function leadershipMetrics(pod: WatchedPod, registry: Registry): () => void {
  const registers = [registry];
  const isAlone = pod.lookAtPod().mode === 'standalone';
  leaseGauges(pod, registry, isAlone);
  const elections = new Counter({
    name: 'bellwether_elections_total',
    help: 'Leases granted to this pod: acquired when nobody held it, tookOver when its holder was gone.',
    labelNames: ['cause'],
    registers,
  });
  const endings = new Counter({
    name: 'bellwether_lease_endings_total',
    help: 'Leases of this pod that ended, by cause.',
    labelNames: ['cause'],
    registers,
  });
  const uncertain = new Counter({
    name: 'bellwether_lease_uncertain_total',
    help: 'Times this pod held a lease that was not confirmed within the belief window.',
    registers,
  });
  const changes = new Counter({
    name: 'bellwether_role_changes_total',
    help: 'Transitions of the pod machine from one role to another.',
    labelNames: ['from', 'to'],
    registers,
  });
  for (const cause of GrantCause.options) elections.inc({ cause }, 0);
  for (const cause of endCauses) endings.inc({ cause }, 0);
  const stops = [
    pod.on('lease.granted', ({ cause }) => elections.inc({ cause })),
    pod.on('lease.ended', ({ cause }) => endings.inc({ cause: endCauses.includes(cause) ? cause : 'other' })),
    pod.on('lease.uncertain', () => uncertain.inc()),
    pod.on('role.changed', ({ from, to }) => changes.inc({ from, to })),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function leaseGauges(pod: WatchedPod, registry: Registry, isAlone: boolean): void {
  const registers = [registry];
  if (!isAlone) {
    new Gauge({
      name: 'bellwether_is_leader',
      help: 'Whether this pod holds the lease and believes in it at this moment; absent in standalone pods.',
      registers,
      collect() {
        this.set(Number(pod.isLeader()));
      },
    });
  }
  new Gauge({
    name: 'bellwether_role',
    help: 'The role of this pod: 1 for the one it has, 0 for the others.',
    labelNames: ['role'],
    registers,
    collect() {
      const current = pod.role();
      for (const role of Role.options) this.set({ role }, Number(role === current));
    },
  });
  new Gauge({
    name: 'bellwether_epoch',
    help: 'Epoch of the lease that this pod leads or follows; 0 while it knows of none.',
    registers,
    collect() {
      this.set(pod.leader()?.epoch ?? 0);
    },
  });
  new Gauge({
    name: 'bellwether_belief_remaining_seconds',
    help: 'For how long this pod may still act on its lease without another confirmation; 0 without a lease.',
    registers,
    collect() {
      this.set((pod.lookAtPod().lease?.beliefLeftMs ?? 0) / 1_000);
    },
  });
  new Gauge({
    name: 'bellwether_lease_remaining_seconds',
    help: 'Time until the leader lock that this pod holds expires unless it is renewed; 0 without a lease.',
    registers,
    collect() {
      this.set((pod.lookAtPod().lease?.lockLeftMs ?? 0) / 1_000);
    },
  });
  new Gauge({
    name: 'bellwether_fleet_pods',
    help: 'Pods that polled lately, as this pod was told with its last poll.',
    registers,
    collect() {
      this.set(pod.actor.getSnapshot().context.fleet.size);
    },
  });
}
