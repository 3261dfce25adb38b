/** The conditions of a TypeScript file. */
import { type Node, walk } from '../tidy/syntax.ts';
import { type Change, changesOf, type Expression, type Range } from './conditions.ts';

const comparisons = ['==', '!=', '===', '!==', '<', '<=', '>', '>='];

export function codeChanges(file: string, text: string): Change[] {
  const changes: Change[] = [];
  const seen = new Set<Node>();
  walk(file, text, (node, parent, field) => {
    const isTested = isTest(parent, field);
    if (!(isTested || isPart(node)) || seen.has(node)) return;
    for (const part of partsOf(node)) seen.add(part);
    changes.push(...changesOf(text, expressionOf(node), isTested));
  });
  return changes;
}

/** What one condition is made of. */
function partsOf(node: Node): Node[] {
  const inner = node.type === 'ParenthesizedExpression' ? node.expression : isNegation(node) && node.argument;
  if (inner) return [node, ...partsOf(inner as Node)];
  if (!isPart(node) || isComparison(node)) return [node];
  return [node, ...partsOf(node.left as Node), ...partsOf(node.right as Node)];
}

function isTest(parent: Node | undefined, field: string | undefined): boolean {
  return field === 'test' && (parent?.type === 'IfStatement' || parent?.type === 'ConditionalExpression');
}

function isPart(node: Node): boolean {
  return isNegation(node) || (node.type === 'LogicalExpression' && node.operator !== '??') || isComparison(node);
}

function isNegation(node: Node): boolean {
  return node.type === 'UnaryExpression' && node.operator === '!';
}

function isComparison(node: Node): boolean {
  return node.type === 'BinaryExpression' && comparisons.includes(node.operator as string);
}

function expressionOf(node: Node): Expression {
  return { range: rangeOf(node), shape: shapeOf(node) };
}

function shapeOf(node: Node): Expression['shape'] {
  const [left, right] = [node.left, node.right] as [Node, Node];
  if (node.type === 'ParenthesizedExpression') return shapeOf(node.expression as Node);
  if (node.type === 'LogicalExpression' && node.operator !== '??') {
    const is = node.operator === '&&' ? 'and' : 'or';
    return { is, left: expressionOf(left), right: expressionOf(right) };
  }
  if (isComparison(node)) {
    return { is: 'comparison', left: rangeOf(left), operator: node.operator as string, right: rangeOf(right) };
  }
  if (isNegation(node)) return { is: 'not', operand: expressionOf(node.argument as Node) };
  const named = (node.type === 'CallExpression' ? node.callee : node) as Node;
  const name = (named.type === 'MemberExpression' ? (named.property as Node).name : named.name) as string | undefined;
  return { is: name && /^(is|has|lacks)([A-Z]|$)/.test(name) ? 'question' : 'value' };
}

function rangeOf(node: Node): Range {
  return [node.start as number, node.end as number];
}
