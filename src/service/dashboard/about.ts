/** What the page asks first, so that one page serves service, demo and replay. */
export type FaultButton = Readonly<{
  name: string;
  /** `{pod}` stands for the chosen pod's name. */
  label: string;
  /** What it does it to: `Pod`, `Redis`, `Source`. */
  group: string;
  /** It is done to the chosen pod. */
  needsPod?: boolean;
}>;

export type About = Readonly<{
  title: string;
  mode: 'live' | 'replay';
  faults: readonly FaultButton[];
  /** Where a replay begins, in the time of the trace. */
  startAt?: number;
}>;

/** Does one for real; resolves to the sentence that says what was done. */
export type InjectFault = (name: string, podId: string | undefined) => Promise<string>;
