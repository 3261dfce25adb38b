/** What the pods answered to `isLeader()`: at most one may say yes at a time. */
import type { LeaderSample } from './journal.ts';

type Reign = { podId: string; epoch: number; first: number; last: number };

/**
 * A pod that said yes twice under one epoch held that lease all the time between, confirmed or not, so that nobody
 * else may have said yes in that time.
 */
export function rivalLeaders(samples: readonly LeaderSample[]): string[] {
  const reigns = new Map<string, Reign>();
  for (const { podId, epoch, at } of samples) {
    const reign = reigns.get(`${podId}#${epoch}`) ?? { podId, epoch, first: at, last: at };
    reigns.set(`${podId}#${epoch}`, { ...reign, first: Math.min(reign.first, at), last: Math.max(reign.last, at) });
  }
  const ordered = [...reigns.values()].toSorted((a, b) => a.first - b.first);
  return ordered.flatMap((reign, index) =>
    ordered
      .slice(index + 1)
      .filter((other) => other.podId !== reign.podId && other.first < reign.last)
      .map(
        (other) =>
          `${name(reign)} and ${name(other)} both answered isLeader() with true within ${reign.last - other.first} ms`,
      ),
  );
}

function name({ podId, epoch }: Reign): string {
  return `${podId} (epoch ${epoch})`;
}
