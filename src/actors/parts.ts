import type { EventEmitter } from 'node:events';
import type { AnyActorRef } from 'xstate';
import type { PodId, Timing } from '../../machines/index.ts';
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
  /** The pod machine, from when it runs. */
  own: { machine?: AnyActorRef | undefined };
  /** Something a person should know. */
  onWarning: (sentence: string) => void;
}>;
