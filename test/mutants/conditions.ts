/**
 * What is a condition, in Lua and TypeScript alike, and how each one is broken.
 *
 * What an `if` or `? :` tests, and every comparison, negation, `and` and `or` elsewhere, unless `or` only stands for a
 * default and `and` for a value. A condition as a whole is forced to true and to false; of several that must hold, each
 * is left out once; of several alternatives, each is left out once; what has a limit, takes or loses that limit.
 */
export type Range = readonly [start: number, end: number];

/** An expression, as far as it can be a condition. */
export type Expression = Readonly<{
  range: Range;
  shape:
    | Readonly<{ is: 'and' | 'or'; left: Expression; right: Expression }>
    | Readonly<{ is: 'not'; operand: Expression }>
    | Readonly<{ is: 'comparison'; left: Range; operator: string; right: Range }>
    /** A call or a name that reads like a question: `isHolder(…)`. */
    | Readonly<{ is: 'question' }>
    | Readonly<{ is: 'value' }>;
}>;

/** What stands there instead. */
export type Change = Readonly<{ range: Range; becomes: string }>;

/** Takes a limit in, or leaves it out. */
const otherSide: Readonly<Record<string, string>> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' };

/** All that an expression which stands by itself can lose. */
export function changesOf(text: string, expression: Expression, isTested: boolean): Change[] {
  const { range, shape } = expression;
  if (isTested || isQuestion(expression)) {
    const forced = ['true', 'false'].map((becomes) => ({ range, becomes }));
    return [...forced, ...changesWithin(text, expression)];
  }
  if (shape.is === 'and') {
    return [...changesOf(text, shape.left, true), ...changesOf(text, shape.right, false)];
  }
  if (shape.is === 'or') return [shape.left, shape.right].flatMap((side) => changesOf(text, side, false));
  return [];
}

function isQuestion({ shape }: Expression): boolean {
  if (shape.is === 'and' || shape.is === 'or') return isQuestion(shape.left) && isQuestion(shape.right);
  return shape.is !== 'value';
}

function changesWithin(text: string, { range, shape }: Expression): Change[] {
  switch (shape.is) {
    case 'and':
    case 'or': {
      const becomes = String(shape.is === 'and');
      return [shape.left, shape.right].flatMap((side) => [
        // A chain of one kind is a list: each of its parts, not each of its beginnings.
        ...(side.shape.is === shape.is ? [] : [{ range: side.range, becomes }]),
        ...changesWithin(text, side),
      ]);
    }
    case 'not':
      return changesWithin(text, shape.operand);
    case 'comparison': {
      const operator = otherSide[shape.operator];
      const [left, right] = [shape.left, shape.right].map((side) => text.slice(...side));
      return operator ? [{ range, becomes: `${left} ${operator} ${right}` }] : [];
    }
    default:
      return [];
  }
}
