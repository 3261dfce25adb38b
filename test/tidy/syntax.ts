/** TypeScript source as a tree, by oxc-parser: types are parsed and kept, nothing is resolved. */
import { parseSync } from 'oxc-parser';

/** Any node: ESTree, with `TS…` nodes for types. */
export type Node = Readonly<{ type: string; [field: string]: unknown }>;

/** Calls `visit` on every node, outer ones first; `field` is where in `parent` the node stands. */
export function walk(file: string, text: string, visit: (node: Node, parent?: Node, field?: string) => void): void {
  const { program, errors } = parseSync(file, text);
  if (errors[0]) throw new Error(`${file} can't be parsed: ${errors[0].message}`);
  descend(program, visit);
}

function descend(
  node: object,
  visit: (node: Node, parent?: Node, field?: string) => void,
  parent?: Node,
  field?: string,
): void {
  if (isNode(node)) visit(node, parent, field);
  for (const [key, child] of Object.entries(node)) {
    if (typeof child !== 'object' || child === null) continue;
    if (isNode(node)) descend(child, visit, node, key);
    // An array: its elements stand in the field of the array.
    else descend(child, visit, parent, field);
  }
}

function isNode(value: object): value is Node {
  return 'type' in value && typeof value.type === 'string';
}
