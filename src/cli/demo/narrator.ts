/** Tells what happens to the fleet in sentences, as it happens: elections, publications, and what goes wrong. */
import type { Failure, TraceEntry } from '../../../machines/index.ts';
import { formatDuration } from '../../duration.ts';
import type { Display } from './display.ts';
import type { Spread } from './publications.ts';
import type { RedisTroubles } from './redis-troubles.ts';
import type { FleetPod, Roster } from './roster.ts';

export class Narrator {
  readonly #display: Display;
  readonly #roster: Roster;
  readonly #troubles: RedisTroubles;
  #generation: string | undefined;
  readonly #restored = new Set<string>();

  constructor(display: Display, roster: Roster, troubles: RedisTroubles) {
    this.#display = display;
    this.#roster = roster;
    this.#troubles = troubles;
    roster.on('trace', (entry, pod) => this.#tell(entry, pod));
    roster.on('gone', (_, unexpected) => {
      if (unexpected !== undefined) display.event(`${unexpected}, and nobody had ended it`, 'fault');
    });
  }

  tellReached({ dataset, record, pods, tookMs }: Spread): void {
    const held = this.#roster.live().map(({ status }) => status?.held[dataset]);
    const date = held.find((of) => of?.revision === record.revision)?.date;
    const what = `${dataset} revision ${record.revision}${date ? ` (${date})` : ''}`;
    const where = pods === 1 ? 'the pod' : `all ${pods} connected pods`;
    this.#display.event(`${what} is on ${where}, ${formatDuration(tookMs)} after it was published`);
  }

  /** Every pod finds it out for itself. */
  #tellGeneration(generation: string): void {
    if (generation === this.#generation) return;
    this.#generation = generation;
    this.#restored.clear();
    this.#display.event('Redis is there again, and its data is gone', 'fault');
  }

  /** Several may offer it at the same time; they offer the same. */
  #tellRestored(dataset: string, label: string): void {
    if (this.#restored.has(dataset)) return;
    this.#restored.add(dataset);
    this.#display.event(`${label} gave ${dataset} back to Redis from its memory: no source call was needed`, 'good');
  }

  #tellRedisDown(failure: Failure, pod: FleetPod): void {
    const news = this.#troubles.newsOf(failure, pod);
    if (news !== undefined) this.#display.event(`${pod.label} cannot use Redis: ${news}`, 'fault');
  }

  #tell(entry: TraceEntry, pod: FleetPod): void {
    const { label } = pod;
    switch (entry.type) {
      case 'lease.granted': {
        const how = entry.cause === 'tookOver' ? 'took the lease over' : 'acquired the lease';
        this.#display.event(`${label} leads: it ${how}, epoch ${entry.epoch} (${entry.podId})`, 'good');
        break;
      }
      case 'lease.uncertain':
        this.#display.event(`${label}: its lease (epoch ${entry.epoch}) is unconfirmed, so it begins nothing`, 'fault');
        break;
      case 'lease.confirmed':
        if (!entry.hasStayed)
          this.#display.event(`${label}: its lease (epoch ${entry.epoch}) is confirmed again`, 'good');
        break;
      case 'redis.down':
        this.#tellRedisDown(entry.failure, pod);
        break;
      case 'revision.published':
        this.#troubles.notePublished();
        break;
      case 'source.failed':
        this.#display.event(`${label}: a call of ${entry.dataset} failed: ${entry.failure.message}`, 'fault');
        break;
      case 'publishing.blocked':
        this.#display.event(`${label} cannot publish ${entry.dataset}: ${entry.failure.message}`, 'fault');
        break;
      case 'revision.rejected':
      case 'revision.damaged':
        this.#display.event(
          `${label} refuses ${entry.dataset} revision ${entry.record.revision}: ${entry.reason}`,
          'fault',
        );
        break;
      case 'revision.restored':
        this.#tellRestored(entry.dataset, label);
        break;
      case 'generation.changed':
        this.#tellGeneration(entry.to);
        break;
      default:
    }
  }
}
