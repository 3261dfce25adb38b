/** The findings for a person: what is wrong last, because that is where the eye is. */
import { painted } from '../fleet/columns.ts';
import type { Finding } from './finding.ts';

const order: readonly Finding['level'][] = ['good', 'unknown', 'finding'];
const styles = { good: 'green', unknown: 'yellow', finding: 'red' } as const;

export function columnsOf(findings: readonly Finding[], address: string): string[] {
  const sorted = order.flatMap((level) => findings.filter((one) => one.level === level));
  const count = findings.filter(({ level }) => level === 'finding').length;
  return [
    `${address}:`,
    ...sorted.flatMap(({ level, sentence, todo }) => [
      `${painted(styles[level], level.padEnd(7))}  ${sentence}`,
      ...(todo === undefined ? [] : [`         What to do: ${todo}`]),
    ]),
    count === 0 ? 'Nothing is wrong.' : `${count} ${count === 1 ? 'finding' : 'findings'}.`,
  ];
}
