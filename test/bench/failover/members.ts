/** The worker's side of every contestant: members of elections, and when the leadership of each was confirmed. */
import { serve } from '../workers.ts';

export type Membership = Readonly<{ url: string; election: string; member: string; ttlMs: number }>;
export type Question = Readonly<{ election: string; afterNs: string }>;

/** A member that takes part until it leaves. */
export type Member = Readonly<{
  /** What holds the lease in Redis. */
  lockKey: string;
  /** Gives the lease back if it holds it, as at a graceful stop. */
  leave(): Promise<void>;
}>;

/** `onConfirmed` is called whenever the member believes that it leads and Redis has confirmed it just now. */
export type Join = (membership: Membership, onConfirmed: () => void) => Promise<Member>;

class Confirmations {
  readonly #momentsNs: bigint[] = [];
  #onNext: (() => void)[] = [];

  note(): void {
    // The monotonic clock of the machine: one for all processes.
    this.#momentsNs.push(process.hrtime.bigint());
    const waiting = this.#onNext;
    this.#onNext = [];
    for (const look of waiting) look();
  }

  async firstAfter(momentNs: bigint): Promise<bigint> {
    for (;;) {
      const found = this.#momentsNs.find((at) => at > momentNs);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#onNext.push(resolve));
    }
  }
}

export function serveMembers(join: Join): void {
  const confirmations = new Map<string, Confirmations>();
  const members = new Map<string, Member>();
  const confirmationsOf = (election: string) => {
    const known = confirmations.get(election) ?? new Confirmations();
    confirmations.set(election, known);
    return known;
  };
  const leaveAll = async () => {
    const leaving = [...members.values()];
    members.clear();
    confirmations.clear();
    await Promise.all(leaving.map((member) => member.leave()));
  };
  serve({
    async join(membership: Membership): Promise<string> {
      const noted = confirmationsOf(membership.election);
      const member = await join(membership, () => noted.note());
      members.set(membership.election, member);
      return member.lockKey;
    },
    /** Resolves to the first moment after that one at which the member here leads; perhaps never. */
    async confirmed({ election, afterNs }: Question): Promise<string> {
      return String(await confirmationsOf(election).firstAfter(BigInt(afterNs)));
    },
    leaveAll,
  });
  process.once('SIGTERM', async () => {
    await leaveAll();
    process.exit(0);
  });
}
