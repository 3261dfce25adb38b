/** The conditions of a Lua script. */
import { type Expression as LuaExpression, type Node, parse } from 'luaparse';
import { type Change, changesOf, type Expression, type Range } from './conditions.ts';

/** @throws SyntaxError when the text is no Lua 5.1, the language of Redis' scripts */
export function luaChanges(text: string): Change[] {
  const changes: Change[] = [];
  const seen = new Set<Node>();
  descend(parse(text, { luaVersion: '5.1', ranges: true, comments: false }), undefined);
  return changes;

  function descend(node: Node, parent: Node | undefined): void {
    const isTested = (parent?.type === 'IfClause' || parent?.type === 'ElseifClause') && parent.condition === node;
    if ((isTested || isPart(node)) && !seen.has(node)) {
      for (const part of partsOf(node)) seen.add(part);
      changes.push(...changesOf(text, expressionOf(node), isTested));
    }
    for (const child of Object.values(node).flat()) {
      if (typeof child === 'object' && child !== null && 'type' in child) descend(child as Node, node);
    }
  }
}

/** What one condition is made of. */
function partsOf(node: Node): Node[] {
  if (node.type === 'LogicalExpression') return [node, ...partsOf(node.left), ...partsOf(node.right)];
  if (node.type === 'UnaryExpression' && node.operator === 'not') return [node, ...partsOf(node.argument)];
  return [node];
}

/** Not a call by itself: its answer is used elsewhere. */
function isPart(node: Node): boolean {
  if (node.type === 'UnaryExpression') return node.operator === 'not';
  return node.type === 'LogicalExpression' || isComparison(node);
}

function isComparison(node: Node): boolean {
  return node.type === 'BinaryExpression' && ['==', '~=', '<', '<=', '>', '>='].includes(node.operator);
}

function expressionOf(node: Node): Expression {
  return { range: rangeOf(node), shape: shapeOf(node as LuaExpression) };
}

function shapeOf(node: LuaExpression): Expression['shape'] {
  if (node.type === 'LogicalExpression') {
    return { is: node.operator, left: expressionOf(node.left), right: expressionOf(node.right) };
  }
  if (node.type === 'UnaryExpression' && node.operator === 'not') {
    return { is: 'not', operand: expressionOf(node.argument) };
  }
  if (node.type === 'BinaryExpression' && isComparison(node)) {
    const { left, operator, right } = node;
    return { is: 'comparison', left: rangeOf(left), operator, right: rangeOf(right) };
  }
  const named = node.type === 'CallExpression' ? node.base : node;
  const name = named.type === 'MemberExpression' ? named.identifier.name : named.type === 'Identifier' && named.name;
  return { is: name && /^is[A-Z]/.test(name) ? 'question' : 'value' };
}

/** Declared as missing, and always there when asked for. */
function rangeOf(node: Node): Range {
  const { range } = node as Node & { range?: Range };
  if (!range) throw new Error(`${node.type} has no range.`);
  return range;
}
