/** What the server says of itself, so that one page serves all of them. */
export type FaultButton = Readonly<{
  name: string;
  /** `{pod}` stands for the chosen pod's name. */
  label: string;
  /** What it does to the chosen pod. */
  needsPod?: boolean;
  group: string;
}>;

export type About = Readonly<{
  title: string;
  /** `file`: nobody serves this page; it waits for a file. */
  mode: 'live' | 'replay' | 'file';
  faults: readonly FaultButton[];
  /** Where to begin, in ms of the trace: the moment of a violation. */
  startAt?: number;
}>;

const alone: About = { title: 'Bellwether replay', mode: 'file', faults: [] };

/** @throws Error when the server doesn't answer */
export async function askAbout(): Promise<About> {
  if (location.protocol === 'file:') return alone;
  const response = await fetch('dashboard/about');
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return (await response.json()) as About;
}
