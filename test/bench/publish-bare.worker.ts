/** Bare pods of one process. */
import { Arrivals, type Round } from './arrivals.ts';
import { BarePod } from './bare-pod.ts';
import { serve } from './workers.ts';

let pods: BarePod[] = [];
let arrivals = new Arrivals(0);

serve({
  async start({ url, count }: { url: string; count: number }) {
    arrivals = new Arrivals(count);
    pods = Array.from({ length: count }, () => new BarePod(url, () => arrivals.note()));
    await Promise.all(pods.map((pod) => pod.start()));
  },
  arm: () => arrivals.arm(),
  collect: (round: Round) => arrivals.collect(round, () => pods.map(({ current }) => current)),
});
