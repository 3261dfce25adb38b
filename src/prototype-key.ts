/**
 * Keys in parsed JSON that no data needs and that some code, merging objects, takes for the prototype: whoever gets our
 * data may be such code. `JSON.parse` itself makes plain properties of them.
 *
 * A walk costs several times what parsing does, so it is made only where the text has such a name in it, or an escape
 * that could spell one. It keeps its own list, because a stack would overflow on data that is nested deeply.
 */

const suspicious = /__proto__|"constructor"|\\u00/;

/** The first such key, or undefined. `text` is what `data` was parsed from. */
export function prototypeKeyIn(text: string, data: unknown): string | undefined {
  if (!suspicious.test(text)) return undefined;
  const open: unknown[] = [data];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (Object.hasOwn(value, '__proto__')) return '__proto__';
    if (Object.hasOwn(value, 'constructor') && hasPrototype((value as { constructor: unknown }).constructor)) {
      return 'constructor.prototype';
    }
    for (const key in value) {
      const child: unknown = (value as Record<string, unknown>)[key];
      if (typeof child === 'object' && child !== null) open.push(child);
    }
  }
  return undefined;
}

function hasPrototype(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype');
}
