/** The fault table of docs/failover.md, and what it says in terms of the charts. */
import { readFileSync } from 'node:fs';
import type { AnyStateNode } from 'xstate';
import { machines } from '../../src/testing/coverage-report.ts';
import type { Transition } from '../harness/pod-process.ts';

export type Row = Readonly<{ fault: string; transitions: string; tests: { file: string; title: string }[] }>;

export function rowsOf(page: string): Row[] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| fault ') && !line.startsWith('| ---'))
    .map((line) => {
      const [fault = '', transitions = '', , , tests = ''] = line.slice(1, -1).split(' | ');
      const named = [...tests.matchAll(/`([^`]+)`: "([^"]+)"/g)];
      return { fault: fault.trim(), transitions, tests: named.map(([, file = '', title = '']) => ({ file, title })) };
    });
}

export function stateOf(id: string): AnyStateNode | undefined {
  const machine = machines.find((each) => id === each.id || id.startsWith(`${each.id}.`));
  return machine?.states && find(machine.root, id);
}

function find(node: AnyStateNode, id: string): AnyStateNode | undefined {
  if (node.id === id) return node;
  return Object.values(node.states)
    .map((child) => find(child, id))
    .find((found) => found !== undefined);
}

const ancestorsOf = (node: AnyStateNode): AnyStateNode[] => [node, ...(node.parent ? ancestorsOf(node.parent) : [])];
const descendantsOf = (node: AnyStateNode): AnyStateNode[] => [
  node,
  ...Object.values(node.states).flatMap(descendantsOf),
];

/** What is entered when nothing more is said: the node, its initial state, the initial state of that. */
function enteredBy(node: AnyStateNode): AnyStateNode[] {
  const [first] = node.initial?.target ?? [];
  return [node, ...(first ? enteredBy(first) : [])];
}

function targetsOf(node: AnyStateNode): AnyStateNode[] {
  const all = [...(node.always ?? []), ...[...node.transitions.values()].flat()];
  return all.flatMap(({ target }) => target ?? []);
}

/** A transition of the first, of a state around it or in it, that leads to the second, or into it. */
export function isTransition(from: AnyStateNode, to: AnyStateNode): boolean {
  return [...ancestorsOf(from), ...descendantsOf(from)].flatMap(targetsOf).some((target) => leadsTo(target, to));
}

export type Step = Readonly<{ from: string; to: string }>;

/** What a row draws, part by part: the ways in which it can come about (` or `), each as its single transitions. */
export function waysOf({ transitions }: Pick<Row, 'transitions'>): Step[][][] {
  const stepsIn = (way: string) =>
    [...way.matchAll(/(?<=`([^`]+)` → )`([^`]+)`/g)].map(([, from = '', to = '']) => ({ from, to }));
  return transitions.split(';').map((part) => part.split(' or ').map(stepsIn));
}

/** Whether one of the transitions that were taken is this one. */
export function isTaken({ from, to }: Step, taken: readonly Transition[]): boolean {
  const [start, end] = [stateOf(from), stateOf(to)];
  if (!start || !end) return false;
  const around = [...ancestorsOf(start), ...descendantsOf(start)].map(({ id }) => id);
  return taken.some(({ source, target }) => around.includes(source) && leadsTo(stateOf(target), end));
}

function leadsTo(target: AnyStateNode | undefined, to: AnyStateNode): boolean {
  return target !== undefined && (enteredBy(target).includes(to) || ancestorsOf(target).includes(to));
}

/** The row of the test that runs. Titles with `%s` stand for all that it is filled with. */
export function rowOf(testName: string): Row | undefined {
  const isIt = (title: string) => {
    const pattern = title
      .split('%s')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.+');
    return new RegExp(`(^| > )${pattern}$`).test(testName);
  };
  return readTable().find(({ tests }) => tests.some(({ title }) => isIt(title)));
}

export function readTable(): Row[] {
  return rowsOf(readFileSync('docs/failover.md', 'utf8'));
}
