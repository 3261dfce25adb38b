/** How a connection runs an operation: at once and as a whole, the answer as a promise; rejects while it is down. */
export type Run = <T>(operation: () => T) => Promise<T>;
