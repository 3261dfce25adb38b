/** All kinds of faults. */
import type { Fault } from './fault.ts';
import { momentFaults } from './moments.ts';
import { networkFaults } from './network.ts';
import { podFaults } from './pods.ts';
import { redisFaults } from './redis.ts';
import { sourceFaults } from './source.ts';

/** Aimed at a moment; the others come when they come. */
export const aimedFaults: readonly Fault[] = momentFaults;
export const randomFaults: readonly Fault[] = [...podFaults, ...networkFaults, ...redisFaults, ...sourceFaults];
