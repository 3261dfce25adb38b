/** One pod of the service as a kubelet runs it: its environment, its user, its probes, and a new process when they fail. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { endWithUs } from '../harness/leftovers.ts';
import { Load } from './load.ts';
import { manifest, type Probe } from './manifest.ts';

export type PodPlace = Readonly<{ name: string; port: number; folder: string; environment: Record<string, string> }>;

/** Of one process, by the time since the run began. */
export type MemorySample = Readonly<{ atMs: number; pid: number; rssMb: number }>;

export class EndurancePod {
  readonly name: string;
  readonly load: Load;
  readonly samples: MemorySample[] = [];
  /** Why it was started again without anybody having asked for it. */
  readonly restarts: string[] = [];
  /** Times that it was found not ready after it had been ready. */
  notReady = 0;
  readonly #place: PodPlace;
  #child: ChildProcess | undefined;
  #isToRun = true;
  /** Since its process began, by the startup probe and then the readiness probe. */
  #wasReady = false;
  #log = '';

  constructor(place: PodPlace) {
    this.name = place.name;
    this.#place = place;
    this.load = new Load(`http://127.0.0.1:${place.port}/rates`);
  }

  get log(): string {
    return this.#log;
  }

  /** Resolves when it is ready for the first time; from then on it is read. */
  async start(): Promise<void> {
    this.#isToRun = true;
    this.#wasReady = false;
    this.#run();
    const { startup, readiness } = manifest;
    for (let failures = 0; !(await this.#passes(startup)); failures += 1) {
      if (failures === startup.failureThreshold) throw new Error(`${this.name} did not start:\n${this.#log}`);
      await sleep(1_000 * startup.periodSeconds);
    }
    while (!(await this.#passes(readiness))) await sleep(1_000 * readiness.periodSeconds);
    this.#wasReady = true;
    this.load.begin();
  }

  /** As a rollout ends a pod: out of the list, preStop, SIGTERM, grace. */
  async stop(): Promise<void> {
    await Promise.all([this.load.end(), sleep(1_000 * manifest.preStopSeconds)]);
    this.#isToRun = false;
    const child = this.#child;
    if (!child) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const tooLate = setTimeout(
      () => {
        this.restarts.push('was killed: it took longer to end than its grace');
        child.kill('SIGKILL');
      },
      1_000 * (manifest.graceSeconds - manifest.preStopSeconds),
    );
    await ended;
    clearTimeout(tooLate);
  }

  /** The liveness probe at its period, until the run is over. */
  async probeLife(over: AbortSignal): Promise<void> {
    const { liveness } = manifest;
    for (let failures = 0; !over.aborted; ) {
      await sleep(1_000 * liveness.periodSeconds, undefined, { signal: over }).catch(() => undefined);
      if (over.aborted || !this.#isToRun || !this.#wasReady) continue;
      failures = (await this.#passes(liveness)) ? 0 : failures + 1;
      if (failures < liveness.failureThreshold || !this.#isToRun) continue;
      failures = 0;
      this.restarts.push('failed its liveness probe');
      this.#child?.kill('SIGKILL');
    }
  }

  async probeReadiness(over: AbortSignal): Promise<void> {
    const { readiness } = manifest;
    while (!over.aborted) {
      await sleep(1_000 * readiness.periodSeconds, undefined, { signal: over }).catch(() => undefined);
      if (over.aborted || !this.#isToRun || !this.#wasReady) continue;
      if (!(await this.#passes(readiness)) && this.#isToRun) this.notReady += 1;
    }
  }

  sample(atMs: number): void {
    const pid = this.#child?.pid;
    if (pid === undefined || !this.#isToRun) return;
    const kb = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    // A process that is ending has no memory any more.
    if (kb === undefined) return;
    const rssMb = Number(kb) / 1_024;
    this.samples.push({ atMs, pid, rssMb });
    if (rssMb > manifest.memoryLimitMb) {
      this.restarts.push(`took ${Math.round(rssMb)} MB, more than its limit: the kernel would have killed it`);
      this.#child?.kill('SIGKILL');
    }
  }

  #run(): void {
    const child = spawn(process.execPath, [`${process.cwd()}/dist/src/cli/main.js`, 'service'], {
      cwd: this.#place.folder,
      // Nothing of the machine's own environment.
      env: { PATH: process.env.PATH, ...this.#place.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(process.getuid?.() === 0 && manifest.user),
    });
    endWithUs(child);
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#log = (this.#log + text).slice(-20_000);
      });
    }
    child.once('exit', (code, signal) => {
      this.#child = undefined;
      if (!this.#isToRun) return;
      this.restarts.push(`ended by itself or was killed (${signal ?? code})`);
      this.#run();
    });
  }

  async #passes({ httpGet, timeoutSeconds }: Probe): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(1_000 * timeoutSeconds);
      const { ok } = await fetch(`http://127.0.0.1:${this.#place.port}${httpGet.path}`, { signal });
      return ok;
    } catch {
      // No answer in time is what a probe is there to find.
      return false;
    }
  }
}
