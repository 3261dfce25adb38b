/** What the benchmark uses of redlock 5, whose own declarations Node's resolution doesn't find. */
declare module 'redlock' {
  export type Lock = {
    extend(durationMs: number): Promise<Lock>;
    release(): Promise<unknown>;
  };
  // biome-ignore lint/style/noDefaultExport: that is how redlock exports it
  export default class Redlock {
    constructor(clients: Iterable<import('ioredis').Redis>);
    acquire(resources: string[], durationMs: number): Promise<Lock>;
  }
}
