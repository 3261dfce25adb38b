/** Ends every fault of a simulated fleet that has an end. What was lost stays lost, and a clock that was set stays set. */
import type { Schemas } from '../manager-options.ts';
import { calm } from './network.ts';
import type { SimulatedFleet } from './simulated-fleet.ts';

/** A pod that is still stopping stays down: whoever waits starts it when it has ended. */
export function heal<S extends Schemas>(fleet: SimulatedFleet<S>): void {
  fleet.makeNoise(calm);
  fleet.source.heal();
  if (fleet.redis.refusal) fleet.redis.serve();
  if (!fleet.redis.isRunning) fleet.redis.start();
  if (fleet.redis.isPresenceHidden) fleet.redis.showPresence();
  if (fleet.redis.clockRate !== 1) fleet.redis.skewClock(1);
  for (const pod of fleet.pods) {
    pod.heal();
    if (pod.rate !== 1) pod.skewClock(1);
    if (pod.state === 'paused') pod.resume();
    if (pod.state === 'crashed' || pod.state === 'stopped') pod.start();
  }
}
