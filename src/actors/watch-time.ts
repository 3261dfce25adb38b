/**
 * Notices that this process was paused or that a clock jumped, and reports it.
 *
 * Non-guarantee: it can't run before the timers that were due in the pause. What must not happen late asks the
 * belief, which reads the clocks itself.
 */
import { fromCallback } from 'xstate';
import type { PodEvent } from '../../machines/index.ts';
import { momentOf } from '../belief.ts';
import type { PodParts } from './parts.ts';

const tickMs = 250;
/** Clocks that differ by more since the last tick were set: NTP slews far less. */
const stepMs = 500;

export const watchTime = ({ clock }: PodParts) =>
  fromCallback<PodEvent, { limitMs: number }>(({ sendBack, input }) => {
    let last = momentOf(clock);
    let timer: unknown;
    const look = () => {
      const now = momentOf(clock);
      const passedMs = now.monotonicMs - last.monotonicMs;
      const steppedMs = Math.abs(now.wallMs - last.wallMs - passedMs);
      last = now;
      timer = clock.setTimeout(look, tickMs);
      if (passedMs > tickMs + input.limitMs || steppedMs > stepMs) sendBack({ type: 'time.jumped' });
    };
    timer = clock.setTimeout(look, tickMs);
    return () => clock.clearTimeout(timer);
  });
