/** `bellwether refresh DATASET`: asks the leader for a refresh within the budget, and tells what came of it. */
import type { RefreshResult } from '../../../machines/index.ts';
import { formatDuration } from '../../duration.ts';
import type { FleetSight } from '../../ports.ts';
import { parseArgumentsWithWord } from '../parse-arguments.ts';
import { UsageError } from '../usage-error.ts';
import { askLeader, parseDataset, parseTimeout, timeoutOption } from './ask-leader.ts';
import { placeOf, placeOptions } from './place.ts';
import { printable } from './printable.ts';
import { visit } from './visit.ts';

export async function refresh(args: readonly string[]): Promise<number> {
  const options = { ...placeOptions, ...timeoutOption, json: { type: 'boolean' } } as const;
  const { values, word } = parseArgumentsWithWord('refresh', 'DATASET', args, options);
  const { json, timeout, ...rest } = values;
  const [dataset, limitMs] = [parseDataset(word), parseTimeout(timeout)];
  const { result, podId } = await visit(placeOf(rest), async (fleet) => {
    checkDataset(dataset, await fleet.look());
    const request = (requestId: string) => ({ kind: 'requested', dataset, requestId, from: fleet.podId }) as const;
    return askLeader(fleet, { limitMs, request, answerIn: (told) => (told.kind === 'answered' ? told : undefined) });
  });
  process.stdout.write(`${json ? JSON.stringify(result) : sentence(dataset, podId, result)}\n`);
  return result.outcome === 'published' || result.outcome === 'unchanged' ? 0 : 1;
}

/** A pod answers nothing about a dataset that it does not know. */
function checkDataset(dataset: string, { records, pods }: FleetSight): void {
  const names = new Set([...Object.keys(records), ...pods.flatMap(({ report }) => Object.keys(report.versions))]);
  if (names.size === 0 || names.has(dataset)) return;
  throw new UsageError(
    `This fleet has no dataset "${dataset}": it has published ${[...names].map((name) => printable(name)).join(', ')}.`,
  );
}

function sentence(dataset: string, podId: string, { outcome, retryAfterMs, reason }: RefreshResult): string {
  const later = retryAfterMs === undefined ? '' : ` Ask again in ${formatDuration(retryAfterMs)}.`;
  const why = reason === undefined ? '' : ` (${printable(reason, 500)})`;
  const leader = printable(podId);
  switch (outcome) {
    case 'published':
      return `${leader} has refreshed ${dataset}: a new revision is published.`;
    case 'unchanged':
      return `${leader} has refreshed ${dataset}: the source has nothing new.`;
    case 'overBudget':
      return `${dataset} was not refreshed: the fleet's budget of source calls is spent.${later}`;
    case 'failed':
      return `${dataset} was not refreshed: the source call of ${leader} failed${why}; its log says why.${later}`;
    default:
      return `${dataset} was not refreshed: ${leader} no longer leads${why}. Ask again.`;
  }
}
