/** One pod of the model as a value, and what can happen to it. */
import type { EventObject } from 'xstate';
import type { PodId } from '../../../machines/index.ts';
import type { MemoryState } from './memory-state.ts';
import type { Machines, Timer } from './pod-machines.ts';
import type { Command, Heard } from './redis-model.ts';

/** What an actor waits for. */
export type Question = Readonly<{ kind: 'redis'; command: Command } | { kind: 'source' }>;

/** An actor that has asked and waits. */
export type Waiting = Readonly<{
  key: number;
  owner: string;
  id: string;
  src: string;
  input: unknown;
  before: MemoryState;
  /** Ticks since it began. */
  age: number;
  /** What it was answered so far. */
  answers: readonly unknown[];
  question: Question;
  /** Its machine has gone on without it. */
  isAborted: boolean;
}>;

export type PodState = Readonly<{
  podId: PodId;
  machines: Machines;
  memory: MemoryState;
  waiting: readonly Waiting[];
  /** Whether `isLeader()` would answer true. */
  believes: boolean;
  isOver: boolean;
}>;

export type Answer = Readonly<{ reply: unknown } | { failure: 'timeout' | 'unreachable' | 'sourceFailed' }>;

export type Input = Readonly<
  | { type: 'start' }
  | { type: 'tick' }
  | { type: 'timer'; timer: Timer }
  | { type: 'event'; event: EventObject }
  | { type: 'lost' }
  /** Announcements, then perhaps the reply that came with them. */
  | { type: 'heard'; heard: readonly Heard[]; key?: number; answer?: Answer }
  | { type: 'answered'; key: number; answer: Answer }
>;

export type Asked = Readonly<{ key: number; command: Command }>;
export type LocalStep = Readonly<{
  pod: number;
  asked: readonly Asked[];
  /** What it told, with its name: the same objects whenever this step is taken. */
  facts: readonly (EventObject & { podId: PodId })[];
  taken: readonly string[];
}>;
