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
import { modulePath } from '../module-path.ts';
import type { Fleet } from './fleet.ts';
import { PodLink } from './pod-link.ts';
import { inspectAt, type PodMessage, type PodOrder } from './pod-report.ts';
import { type FleetPod, Roster } from './roster.ts';

export type Environment = Readonly<Record<string, string>>;

/** Longer than a pod takes that lets a source call end first. */
const stopLimitMs = 20_000;

type Ending = { expected: boolean };

/** Where some pods stream their machines to, and where that is to be seen. */
export type Inspection = Readonly<{ url: string; page: string }>;

/** More would be no picture. */
const mostInspected = 3;

export type ProcessFleetOptions = Readonly<{
  environment: Environment;
  folder: string;
  /** The port of a Redis on this machine: each pod then reaches it by a link of its own, which can be cut. */
  linkedPort?: number;
  inspection?: Inspection;
}>;

export function processFleet({ environment, folder, linkedPort, inspection }: ProcessFleetOptions): Fleet {
  const roster = new Roster();
  const children = new Map<FleetPod, { child: ChildProcess; ending: Ending }>();

  const links = new Map<FleetPod, PodLink>();
  let areChartsWanted = false;

  const start = async (): Promise<FleetPod> => {
    const link = linkedPort === undefined ? undefined : await PodLink.open(linkedPort);
    const pod = roster.add();
    if (link) links.set(pod, link);
    return startProcess(pod, {
      ...environment,
      ...(link && { REDIS_ADDR: `redis://127.0.0.1:${link.port}` }),
      ...(inspection && pod.number <= mostInspected && { [inspectAt]: inspection.url }),
    });
  };

  const startProcess = (pod: FleetPod, ownEnvironment: Environment): Promise<FleetPod> =>
    new Promise((resolve, reject) => {
      const child = launch(ownEnvironment, join(folder, `pod-${String(pod.number).padStart(2, '0')}.log`));
      const ending: Ending = { expected: false };
      children.set(pod, { child, ending });
      pod.pid = child.pid;
      child.on('message', (message) => {
        roster.note(pod, message as PodMessage);
        if ((message as PodMessage).kind !== 'ready') return;
        if (areChartsWanted) order(child, { kind: 'charts', areWanted: true });
        resolve(pod);
      });
      // The exit tells; a process that could not even be started has none.
      child.once('error', (error) => end(`${pod.label} could not be started: ${error.message}`));
      child.once('exit', (code, signal) => {
        const isExpected = ending.expected && (code === 0 || signal === 'SIGKILL' || signal === 'SIGTERM');
        end(isExpected ? undefined : `${pod.label} ended with ${signal ?? `code ${code}`}`);
      });
      const end = (unexpected: string | undefined) => {
        children.delete(pod);
        void links.get(pod)?.close();
        links.delete(pod);
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
    // One that is paused hears no request to stop.
    child.kill('SIGCONT');
    await ended(child, () => {
      ending.expected = false;
      child.kill('SIGKILL');
    });
  };

  return {
    roster,
    form: 'processes',
    ...(inspection && { inspectionPage: inspection.page }),
    startsAtATime: availableParallelism() + 1,
    start,
    kill: (pod) => finish(pod, 'SIGKILL'),
    stop: (pod) => finish(pod, 'SIGTERM'),
    pause: (pod) => void children.get(pod)?.child.kill('SIGSTOP'),
    resume: (pod) => void children.get(pod)?.child.kill('SIGCONT'),
    ...(linkedPort !== undefined && {
      cut: async (pod: FleetPod) => links.get(pod)?.cut(),
      heal: async (pod: FleetPod) => links.get(pod)?.heal(),
    }),
    wantCharts: (areWanted) => {
      areChartsWanted = areWanted;
      for (const { child } of children.values()) order(child, { kind: 'charts', areWanted });
    },
    endAtOnce: () => {
      for (const { child, ending } of children.values()) {
        ending.expected = true;
        child.kill('SIGKILL');
      }
    },
  };
}

function order(child: ChildProcess, message: PodOrder): void {
  // It may be gone at any moment: then there is nobody to order.
  if (child.connected) child.send(message, () => undefined);
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
