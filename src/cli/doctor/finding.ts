/** What a check has found. */
export type Finding = Readonly<{
  /** `unknown`: this user is not told, or the server does not say. */
  level: 'good' | 'finding' | 'unknown';
  /** Stable, for those who read JSON. */
  about:
    | 'server'
    | 'persistence'
    | 'eviction'
    | 'memory'
    | 'clients'
    | 'rights'
    | 'presence'
    | 'latency'
    | 'clock'
    | 'keys';
  sentence: string;
  /** Of a finding: what to do. */
  todo?: string;
}>;

export const good = (about: Finding['about'], sentence: string): Finding => ({ level: 'good', about, sentence });
export const unknown = (about: Finding['about'], sentence: string): Finding => ({ level: 'unknown', about, sentence });
export const found = (about: Finding['about'], sentence: string, todo: string): Finding => ({
  level: 'finding',
  about,
  sentence,
  todo,
});

/** Redis' own word for a right that this user lacks. */
export const isForbidden = (error: unknown): boolean => /NOPERM|NOAUTH/.test((error as Error).message);
