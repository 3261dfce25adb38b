/**
 * What a pod takes, as a deployment runs it: the service as a process of its own, 70 of them on one machine, with the
 * settings of deploy/kubernetes. Linux alone tells how much memory is a process's share: /proc.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startFxApi } from '../../src/cli/demo/fx-api.ts';
import { endWithUs } from '../harness/leftovers.ts';
import { startRedisServer } from '../harness/redis-server.ts';
import { median, type Result, type Row, spread } from './report.ts';

export type PodFootprintOptions = Readonly<{ pods: number; seconds: number }>;

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const refreshInterval = '10s';
/** Of the manifests. */
const limits = { memoryMb: 512, millicores: 500 };
/** Of /proc: the kernel's USER_HZ. */
const ticksPerSecond = 100;

type Pod = { child: ChildProcess; isLeader: boolean; served: Set<string> };
type Usage = Readonly<{ rssMb: number; pssMb: number; millicores: number; isLeader: boolean }>;

function startPod(environment: Record<string, string>): Promise<Pod> {
  const child = spawn(process.execPath, [main, 'service'], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  endWithUs(child);
  const pod: Pod = { child, isLeader: false, served: new Set() };
  return new Promise((resolve, reject) => {
    child.once('exit', (code, signal) => reject(new Error(`a pod ended with ${signal ?? code}`)));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('Became leader')) pod.isLeader = true;
      for (const [, dataset = ''] of text.matchAll(/(Rates|Terms) synced from Redis/g)) pod.served.add(dataset);
      if (pod.served.size === 2) resolve(pod);
    });
  });
}

function memoryOf(pid: number): Pick<Usage, 'rssMb' | 'pssMb'> {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]);
  return { rssMb: kb('Rss') / 1_024, pssMb: kb('Pss') / 1_024 };
}

/** Of user and kernel, since it was started. */
function cpuSeconds(pid: number): number {
  const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const fields = rest.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

async function measure(pods: readonly Pod[], seconds: number): Promise<Usage[]> {
  const pids = pods.map(({ child }) => child.pid as number);
  const before = pids.map(cpuSeconds);
  const beganAt = performance.now();
  await sleep(1_000 * seconds);
  const elapsedS = (performance.now() - beganAt) / 1_000;
  return pods.map(({ isLeader }, i) => {
    const pid = pids[i] as number;
    const usedS = cpuSeconds(pid) - (before[i] as number);
    return { ...memoryOf(pid), millicores: (1_000 * usedS) / elapsedS, isLeader };
  });
}

export async function benchPodFootprint({ pods: count, seconds }: PodFootprintOptions): Promise<Result> {
  const [server, api] = await Promise.all([startRedisServer(), startFxApi()]);
  const environment = {
    REDIS_ADDR: server.url,
    RATES_URL: `${api.url}/rates`,
    TERMS_URL: `${api.url}/terms`,
    RATES_REFRESH_INTERVAL: refreshInterval,
    TERMS_REFRESH_INTERVAL: refreshInterval,
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: '0',
    NODE_OPTIONS: '--max-old-space-size=320',
  };
  const pods: Pod[] = [];
  while (pods.length < count) {
    const next = Math.min(availableParallelism() + 1, count - pods.length);
    pods.push(...(await Promise.all(Array.from({ length: next }, () => startPod(environment)))));
  }
  await sleep(10_000);
  const usages = await measure(pods, seconds);
  const ended = pods.map(({ child }) => new Promise((resolve) => child.once('exit', resolve)));
  for (const { child } of pods) child.kill('SIGTERM');
  await Promise.all(ended);
  await Promise.all([server.stop(), api.close()]);
  return report(usages, seconds);
}

function report(usages: readonly Usage[], seconds: number): Result {
  const measures = ['rssMb', 'pssMb', 'millicores'] as const;
  const titles = {
    rssMb: 'resident memory, MB',
    pssMb: 'its share of it (PSS), MB',
    millicores: 'processor, millicores',
  };
  const leader = usages.find(({ isLeader }) => isLeader);
  const rows = measures.map((measure): Row => {
    const values = usages.map((usage) => usage[measure]);
    return {
      measure: titles[measure],
      ...spread(values, 1),
      leader: Number((leader?.[measure] ?? Number.NaN).toFixed(1)),
    };
  });
  const worst = (measure: (typeof measures)[number]) => Math.max(...usages.map((usage) => usage[measure]));
  return {
    benchmark: 'pod-footprint',
    method: [
      `${usages.length} processes of the service with the settings of deploy/kubernetes, two datasets of real FX data every`,
      `${refreshInterval}, 30 times as often as there. Processor time of ${seconds} s from 10 s after the last had its data; memory at their end.`,
      `All of them together: ${Math.round(usages.reduce((sum, { pssMb }) => sum + pssMb, 0))} MB.`,
    ].join('\n'),
    tables: [{ title: `a pod of ${usages.length}`, rows }],
    aims: [
      { what: 'resident memory of the largest pod, MB', value: worst('rssMb'), atMost: limits.memoryMb },
      { what: 'processor of the busiest pod, millicores', value: worst('millicores'), atMost: limits.millicores },
      {
        what: 'resident memory of a pod (median), MB: the request',
        value: median(usages.map(({ rssMb }) => rssMb)),
        atMost: 256,
      },
      {
        what: 'processor of a pod (median), millicores: the request',
        value: median(usages.map(({ millicores }) => millicores)),
        atMost: 100,
      },
    ],
    raw: Object.fromEntries(measures.map((measure) => [measure, usages.map((usage) => usage[measure])])),
  };
}
