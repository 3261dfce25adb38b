/** Time and randomness come in through ports: nobody else looks at a clock, sets a timer or draws a number. */
import type { Sources } from './import-graph.ts';
import { type Node, walk } from './syntax.ts';

const members = ['Date.now', 'Math.random', 'performance.now', 'process.hrtime', 'AbortSignal.timeout'];
const globals = ['setTimeout', 'setInterval'];
const modules = /['"]node:(timers|timers\/promises|perf_hooks)['"]/;

/** `isAllowed` says which files are adapters. */
export function clockViolations(sources: Sources, isAllowed: (file: string) => boolean): string[] {
  return [...sources].flatMap(([file, text]) => (isAllowed(file) ? [] : usesOfTime(file, text)));
}

function usesOfTime(file: string, text: string): string[] {
  const uses: string[] = [];
  walk(file, text, (node, parent, field) => {
    const use = useOfTime(node, parent, field);
    if (use) uses.push(`${file}:${lineOf(text, node)} uses ${use}`);
    const imported =
      node.type === 'ImportDeclaration' && modules.exec(text.slice(node.start as number, node.end as number));
    if (imported) uses.push(`${file}:${lineOf(text, node)} imports ${imported[0]}`);
  });
  return uses;
}

function useOfTime(node: Node, parent: Node | undefined, field: string | undefined): string | undefined {
  if (node.type === 'MemberExpression') {
    const name = `${nameOf(node.object)}.${nameOf(node.property)}`;
    if (members.includes(name)) return name;
    return globals.find((global) => name === `globalThis.${global}`);
  }
  if (node.type === 'NewExpression' && nameOf(node.callee) === 'Date' && (node.arguments as Node[]).length === 0) {
    return 'new Date()';
  }
  if (node.type !== 'Identifier' || !globals.includes(nameOf(node))) return undefined;
  // `clock.setTimeout`, and `setTimeout` as the name of a method of one's own, are what the rule is for.
  const isName = (field === 'property' || field === 'key') && parent?.computed !== true;
  return isName ? undefined : nameOf(node);
}

function nameOf(node: unknown): string {
  return String((node as { name?: unknown } | null)?.name ?? '');
}

function lineOf(text: string, node: Node): number {
  return text.slice(0, node.start as number).split('\n').length;
}
