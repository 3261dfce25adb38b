import type { EventEmitter } from 'node:events';
import type { PodId, PodReport, Timing } from '../../machines/index.ts';
import type { Datasets } from '../dataset.ts';
import type { Integrity } from '../integrity.ts';
import type { PodMemory } from '../pod-memory.ts';
import type { Clock, Connection, Message, Random } from '../ports.ts';
import type { RefreshRequests } from '../refresh-requests.ts';
import type { StepDownRequests } from '../step-down-requests.ts';

/** What the actors of one pod share. */
export type PodParts = Readonly<{
  podId: PodId;
  datasets: Datasets;
  timing: Timing;
  /** Signs and checks versions; undefined when nobody asked for it. */
  integrity: Integrity | undefined;
  clock: Clock;
  random: Random;
  /** New unique ids: permits, generations. */
  newId: () => string;
  connection: Connection;
  memory: PodMemory;
  requests: RefreshRequests;
  stepDowns: StepDownRequests;
  /** Announcements, after the memory has heard them. */
  feed: EventEmitter<{ message: [Message] }>;
  /** What this pod says of itself with each poll; the epoch is that of the lease it leads or follows. */
  describe: () => Pick<PodReport, 'role' | 'epoch'>;
  /** Something a person should know. */
  onWarning: (sentence: string) => void;
}>;
