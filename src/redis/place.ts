/** What a sentence about Redis may name, and what it must not. */
export type Place = Readonly<{
  /** Redacted. */
  address: string;
  namespace: string;
  isCluster: boolean;
  secrets: readonly string[];
}>;
