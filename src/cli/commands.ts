/**
 * The commands. What a command needs is loaded when it runs, so that `--help` stays quick.
 */

import type { Command } from './command.ts';
import { fleetCommands } from './fleet/commands.ts';

export const commands: readonly Command[] = [
  {
    name: 'demo',
    usage: '[--pods 70] [--interval 10s] [--for DURATION] [--no-faults] [--keep] [--port N] [--trace FILE] [--inspect]',
    summary: 'Starts 70 real pods, an FX API and a Redis, breaks things, and judges whether the promises were kept.',
    details: [
      '  --pods N         how many pods, each a process of its own (70)',
      '  --interval D     time between two source calls of the fleet for a dataset, such as 10s (10s)',
      '  --for D          prolongs the last part of the run by so long, such as 2m',
      '  --no-faults      neither kills the leader nor stops Redis',
      '  --keep           runs on until Ctrl-C',
      '  --port N         where the dashboard answers on this machine (any port that is free)',
      '  --trace FILE     writes everything that happens into a file for "bellwether replay"',
      '  --inspect        streams the machines of three pods to Stately Inspect; needs @statelyai/inspect',
      '',
      'Uses the Redis at REDIS_ADDR if that is set (and then never stops it), else a redis-server of its own.',
      'Exit code: 0 when every promise was kept, 1 when one was broken, 130 when it was interrupted.',
    ],
    load: async () => (await import('./demo/command.ts')).demo,
  },
  {
    name: 'service',
    usage: '[--inspect dashboard|ws://HOST:PORT]',
    summary: 'Runs one pod of the hedging service, with its settings from the environment, until SIGTERM or SIGINT.',
    details: [
      '  RATES_URL, TERMS_URL                            where the data comes from; both must be set',
      '  REDIS_ADDR                                      default tcp://redis-service:6379',
      '  RATES_REFRESH_INTERVAL, TERMS_REFRESH_INTERVAL  default 5m',
      '  LOCK_TTL                                        default 2m',
      '  BACKUP_FOLDER                                   keeps the last good data there for a start without Redis',
      '  ENABLE_DISTRIBUTED_MANAGER                      true (default), false or a share of the pods such as 10%',
      '  HTTP_HOST, HTTP_PORT                            where it answers, default 0.0.0.0 and 8080: /livez, /readyz, /health,',
      '                                                  /metrics, /version, /revision, /rates, /terms, /dashboard',
      '  ADMIN_TOKEN                                     opens POST /admin/refresh/DATASET and /admin/step-down',
      '  LOG_LEVEL                                       default info',
      '  REDIS_USERNAME, REDIS_PASSWORD, REDIS_TLS_CA, REDIS_TLS_CERT, REDIS_TLS_KEY   beside the address',
      '  INTEGRITY_KEY or INTEGRITY_KEY_FILE, INTEGRITY_REQUIRED                       signed versions',
      '',
      '  --inspect dashboard        has /dashboard show every transition of this pod, not its states alone',
      '  --inspect ws://HOST:PORT   streams every event of its machines to a relay of Stately Inspect',
      '                             (@statelyai/inspect, to be installed beside); payloads and secrets stay here',
    ],
    load: async () => (await import('./service.ts')).service,
  },
  {
    name: 'simulate',
    usage: '[--seeds 100] [--from 1] [--seed N] [--hours 1] [--pods 5] [--processes 2] [--only FAULT,FAULT] …',
    summary:
      'Lives through drawn faults in virtual time, seed after seed, with the real machines, and judges every promise.',
    details: [
      '  --seeds N          so many seeds (100), from --from on (1)',
      '  --seed N           this one alone',
      '  --hours H          virtual hours of each (1)',
      '  --pods N           pods of each fleet (5)',
      '  --processes N      seeds that run at the same time (2)',
      '  --faults N         only the first N faults of the plan, as a failed seed says',
      '  --only A,B         draws among these faults, such as pod.crash,redis.wipe',
      '  --trace            prints everything that happened',
      '  --trace-file FILE  writes it for "bellwether replay"; with --seed',
      '',
      'A seed that breaks a promise is shrunk to the fewest faults that still do, and the command that repeats it is printed.',
      'Exit code: 0 when every promise was kept, 1 when one was broken.',
    ],
    load: async () => (await import('./simulate/command.ts')).simulate,
  },
  {
    name: 'replay',
    usage: 'FILE [--port N]',
    summary:
      'Shows a trace in the browser, step by step: of the demo, a simulation, a chaos run, or a log of production.',
    details: [
      '  FILE       a trace file, or the log of one or more services, as JSON lines',
      '  --port N   where it answers on this machine (any port that is free)',
    ],
    load: async () => (await import('./replay.ts')).replay,
  },
  ...fleetCommands,
];
