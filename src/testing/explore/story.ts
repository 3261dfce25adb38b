/** What has been used up of the bounds of one run: faults, contents of the source, lives of pods. */

export const faultKinds = {
  crash: 'a pod dies, at rest or right after a command of its own has run',
  stop: 'a pod is told to stop',
  pause: 'a pod does nothing while time passes and its messages wait',
  cut: 'a pod loses its connection, at rest or right after a command of its own has run',
  silence: 'a connection is gone, for Redis at once, for its pod only later',
  wipe: 'Redis loses its data',
  rollback: 'Redis fails over right after a command that it answered, to a replica that lacks it',
  evict: 'Redis loses the payload alone',
  loseRequest: 'a command never reaches Redis, and its pod hears nothing',
  loseReply: 'a command runs, and its pod hears nothing',
  delayRequest: 'a command reaches Redis at some time after its pod has given it up',
  delayReply: 'a reply, and all that comes after it on this connection, is heard at some later time',
  loseAnnouncement: 'one pod is not told of an announcement',
  failSource: 'a source call fails',
} as const;
export type FaultKind = keyof typeof faultKinds;
export const allFaults = Object.keys(faultKinds) as FaultKind[];

export type Story = Readonly<{
  faults: Readonly<Partial<Record<FaultKind, number>>>;
  /** How often the source had something new. */
  contents: number;
  /** Per place, which life its pod lives. */
  lives: readonly number[];
}>;

export type FaultBounds = Readonly<{ kinds: readonly FaultKind[]; each: number; total: number }>;

const totalOf = ({ faults }: Story) => Object.values(faults).reduce((sum, count) => sum + count, 0);

export function allows(bounds: FaultBounds, story: Story, kind: FaultKind): boolean {
  return bounds.kinds.includes(kind) && (story.faults[kind] ?? 0) < bounds.each && totalOf(story) < bounds.total;
}

export function withFault(story: Story, kind: FaultKind, { each, total }: FaultBounds): Story {
  // When the last fault has struck, it makes no difference which they were.
  if (totalOf(story) + 1 >= total) return { ...story, faults: { [kind]: 0, ...spent(total) } };
  return { ...story, faults: { ...story.faults, [kind]: Math.min((story.faults[kind] ?? 0) + 1, each) } };
}

/** All faults have struck. */
function spent(total: number): Record<string, number> {
  return { spent: total };
}

export function withNewLife(story: Story, place: number): Story {
  return { ...story, lives: story.lives.map((life, index) => (index === place ? life + 1 : life)) };
}

export function storyText({ faults, contents, lives }: Story): string {
  const used = Object.entries(faults).filter(([, count]) => count > 0);
  return `${used.sort()} ${contents} ${lives}`;
}

const names = 'abcdefgh';

export function podIdOf({ lives }: Story, place: number): string {
  const life = lives[place] ?? 1;
  return `${names[place]}${life > 1 ? life : ''}`;
}
