/** Faults that somebody does by hand, from the dashboard, while the run goes on. */
import type { TraceLine } from '../../../machines/index.ts';
import type { FaultButton } from '../../service/dashboard/about.ts';
import type { Fleet } from './fleet.ts';
import type { FleetPod } from './roster.ts';
import type { Stage } from './stage.ts';

const slowMs = 5_000;

const pod = (name: string, label: string): FaultButton => ({ name, label, group: 'Pod', needsPod: true });

/** Only what this run can do. */
export function faultButtons(fleet: Fleet, canStopRedis: boolean): FaultButton[] {
  return [
    ...(fleet.kill ? [pod('kill', 'Kill {pod}'), { name: 'kill-leader', label: 'Kill leader', group: 'Pod' }] : []),
    ...(fleet.pause ? [pod('pause', 'Pause {pod}'), pod('resume', 'Resume {pod}')] : []),
    pod('stop', 'Stop {pod} gracefully'),
    ...(fleet.cut ? [pod('cut', 'Cut {pod} from Redis'), pod('heal', 'Reconnect {pod}')] : []),
    ...(canStopRedis
      ? [
          { name: 'redis-stop', label: 'Stop Redis', group: 'Redis' },
          { name: 'redis-start', label: 'Start Redis, empty', group: 'Redis' },
          { name: 'redis-wipe', label: 'Wipe Redis', group: 'Redis' },
        ]
      : []),
    { name: 'api-break', label: 'Break the API', group: 'API' },
    { name: 'api-slow', label: 'Slow it down', group: 'API' },
    { name: 'api-heal', label: 'Heal it', group: 'API' },
  ];
}

type Tell = (line: TraceLine) => void;
type Act = (stage: Stage, chosen: FleetPod, tell: Tell) => Promise<string>;

const podActs: Readonly<Record<string, Act>> = {
  kill: async (stage, chosen) => {
    const { fleet, journal } = stage;
    if (!fleet.kill) throw new Error('pods in one process cannot be killed');
    journal.noteCrash(chosen);
    await fleet.kill(chosen);
    const replacement = await fleet.start();
    return `${chosen.label} was killed; ${replacement.label} was started in its place.`;
  },
  pause: async ({ fleet, journal }, chosen, tell) => {
    chosen.isDisturbed = true;
    fleet.pause?.(chosen);
    journal.notePause(chosen, 'pod.paused', tell);
    return `${chosen.label} is paused (SIGSTOP).`;
  },
  resume: async ({ fleet, journal }, chosen, tell) => {
    journal.notePause(chosen, 'pod.resumed', tell);
    fleet.resume?.(chosen);
    return `${chosen.label} runs again (SIGCONT).`;
  },
  stop: async ({ fleet }, chosen) => {
    await fleet.stop(chosen);
    const replacement = await fleet.start();
    return `${chosen.label} has stopped in order; ${replacement.label} was started in its place.`;
  },
  cut: async ({ fleet }, chosen) => {
    chosen.isDisturbed = true;
    await fleet.cut?.(chosen);
    return `${chosen.label} is cut from Redis.`;
  },
  heal: async ({ fleet }, chosen) => {
    await fleet.heal?.(chosen);
    return `${chosen.label} can reach Redis again.`;
  },
};

const otherActs: Readonly<Record<string, (stage: Stage) => Promise<string>>> = {
  'redis-stop': async (stage) => {
    await stage.redis?.stop();
    stage.journal.noteRedisStopped();
    return 'Redis is stopped; it keeps nothing.';
  },
  'redis-start': async (stage) => {
    await stage.redis?.start();
    stage.journal.noteRedisStarted();
    return 'Redis is started, empty.';
  },
  'redis-wipe': async (stage) => {
    stage.journal.noteRedisStopped();
    await stage.redis?.wipe();
    stage.journal.noteRedisStarted();
    return 'Redis has lost all its data.';
  },
  'api-break': async ({ api }) => {
    api.fail(503);
    return 'The API answers 503.';
  },
  'api-slow': async ({ api }) => {
    api.slow(slowMs);
    return `The API takes ${slowMs / 1_000} s to answer.`;
  },
  'api-heal': async ({ api }) => {
    api.heal();
    return 'The API is well again.';
  },
};

/** @throws Error with a sentence when it can't be done now */
export async function injectFault(stage: Stage, name: string, podId: string | undefined, tell: Tell): Promise<string> {
  stage.journal.interventions += 1;
  const chosen = name === 'kill-leader' ? stage.fleet.roster.leader() : podId && stage.fleet.roster.byId(podId);
  const act = podActs[name === 'kill-leader' ? 'kill' : name];
  if (act && !chosen) throw new Error(name === 'kill-leader' ? 'no pod leads just now' : 'that pod is gone');
  if (act && chosen && chosen.state !== 'running') throw new Error(`${chosen.label} is ${chosen.state}`);
  const subject = act && chosen ? { pod: chosen.label } : {};
  tell({ type: 'fault.injected', at: Date.now(), fault: name, ...subject, detail: 'by hand' });
  if (act && chosen) return act(stage, chosen, tell);
  const other = otherActs[name];
  if (!other) throw new Error(`there is no fault "${name}"`);
  return other(stage);
}
