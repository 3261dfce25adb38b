/** Readers share one object, so none may change it. `seen`: what a schema has frozen, perhaps on the outside only. */
export function deepFreeze<T>(value: T, seen = new Set<unknown>()): T {
  // Bytes can't be frozen, and no JSON holds any.
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || seen.has(value)) return value;
  if (Object.isFrozen(value)) seen.add(value);
  else Object.freeze(value);
  for (const key in value) {
    const child: unknown = value[key];
    // A call for each leaf would take longer than the freezing.
    if (typeof child === 'object' && child !== null) deepFreeze(child, seen);
  }
  return value;
}
