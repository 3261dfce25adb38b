/** Where in a machine's file each guard says its yes or no. */
import { type Node, walk } from '../tidy/syntax.ts';
import type { Range } from './conditions.ts';

export function guardBodies(file: string, text: string): Range[] {
  const bodies: Range[] = [];
  walk(file, text, (node, _parent, field) => {
    if (node.type !== 'Property' || (node.key as Node).name !== 'guards' || field !== 'properties') return;
    for (const { value } of ((node.value as Node).properties ?? []) as { value: Node }[]) {
      if (value.type === 'ArrowFunctionExpression') bodies.push(rangeOf(answerOf(value.body as Node)));
    }
  });
  return bodies;
}

function answerOf(body: Node): Node {
  if (body.type !== 'BlockStatement') return body;
  const last = (body.body as Node[]).at(-1) as Node;
  return last.type === 'ReturnStatement' ? (last.argument as Node) : body;
}

function rangeOf(node: Node): Range {
  return [node.start as number, node.end as number];
}
