/**
 * Pods as processes of their own, each the service as a deployment runs it: settings from the environment, log to its
 * own file, SIGTERM to stop.
 *
 * Each has a session of its own, so that Ctrl-C reaches the demo alone, and it decides what becomes of the pods.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { FailedRun } from '../failed-run.ts';
import type { Fleet } from './fleet.ts';
import { modulePath } from './module-path.ts';
import type { PodMessage } from './pod-report.ts';
import { type FleetPod, Roster } from './roster.ts';

export type Environment = Readonly<Record<string, string>>;

/** Longer than a pod takes that lets a source call end first. */
const stopLimitMs = 20_000;

type Ending = { expected: boolean };

export function processFleet({ environment, folder }: { environment: Environment; folder: string }): Fleet {
  const roster = new Roster();
  const children = new Map<FleetPod, { child: ChildProcess; ending: Ending }>();

  const start = (): Promise<FleetPod> =>
    new Promise((resolve, reject) => {
      const pod = roster.add();
      const child = launch(environment, join(folder, `pod-${String(pod.number).padStart(2, '0')}.log`));
      const ending: Ending = { expected: false };
      children.set(pod, { child, ending });
      pod.pid = child.pid;
      child.on('message', (message) => {
        roster.note(pod, message as PodMessage);
        if ((message as PodMessage).kind === 'ready') resolve(pod);
      });
      // The exit tells; a process that could not even be started has none.
      child.once('error', (error) => end(`${pod.label} could not be started: ${error.message}`));
      child.once('exit', (code, signal) => {
        const isExpected = ending.expected && (code === 0 || signal === 'SIGKILL' || signal === 'SIGTERM');
        end(isExpected ? undefined : `${pod.label} ended with ${signal ?? `code ${code}`}`);
      });
      const end = (unexpected: string | undefined) => {
        children.delete(pod);
        roster.noteGone(pod, unexpected);
        reject(new FailedRun(`${unexpected ?? `${pod.label} was stopped`} before it ran: see its log in ${folder}.`));
      };
    });

  const finish = async (pod: FleetPod, signal: 'SIGKILL' | 'SIGTERM') => {
    const { child, ending } = children.get(pod) ?? {};
    if (!child || !ending) return;
    pod.state = 'stopping';
    ending.expected = true;
    child.kill(signal);
    await ended(child, () => {
      ending.expected = false;
      child.kill('SIGKILL');
    });
  };

  return {
    roster,
    form: 'processes',
    startsAtATime: availableParallelism() + 1,
    start,
    kill: (pod) => finish(pod, 'SIGKILL'),
    stop: (pod) => finish(pod, 'SIGTERM'),
    endAtOnce: () => {
      for (const { child, ending } of children.values()) {
        ending.expected = true;
        child.kill('SIGKILL');
      }
    },
  };
}

function launch(environment: Environment, logFile: string): ChildProcess {
  const log = openSync(logFile, 'a');
  try {
    return fork(modulePath('./pod', import.meta.url), [], {
      env: { ...process.env, ...environment },
      execArgv: process.execArgv,
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
    });
  } finally {
    closeSync(log);
  }
}

function ended(child: ChildProcess, hurry: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(hurry, stopLimitMs);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
