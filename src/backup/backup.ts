/**
 * The last good revision of each dataset in a local folder, for a pod that starts while Redis and the source are away.
 *
 * Guarantee: it serves readers only. Nothing of it gets into what the pod reports, restores, elects or publishes by
 * (`Reader` never holds it), and it gives way to the first revision that is verified, whatever its number. No fault of
 * the disk reaches anybody but the log.
 * Non-guarantee: a folder that several pods share holds what one of them wrote last.
 */
import { EventEmitter } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetName } from '../../machines/index.ts';
import { decodePayload } from '../codec.ts';
import type { Dataset, Datasets } from '../dataset.ts';
import type { Clock } from '../ports.ts';
import type { Reader, Revision } from '../reader.ts';
import { readBackupFile, removeRemains, UnusableBackup, writeBackupFile } from './backup-file.ts';

/** A disk that hangs doesn't keep a process from ending. */
const flushLimitMs = 2_000;

/** No write takes so long. */
const remainsAgeMs = 10 * 60_000;

type Parts = Readonly<{
  folder: string;
  namespace: string;
  datasets: Datasets;
  reader: Reader;
  clock: Clock;
  /** Something a person should know. */
  tell: (sentence: string) => void;
}>;

export class Backup {
  /** `loaded`: `get` returns something that it did not before. */
  readonly events = new EventEmitter<{ loaded: [DatasetName] }>().setMaxListeners(0);
  readonly #parts: Parts;
  readonly #loaded = new Map<DatasetName, Revision>();
  /** To be written next: a newer revision takes its place. */
  readonly #unwritten = new Map<DatasetName, Revision>();
  readonly #told = new Map<DatasetName, string>();
  #writing: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.reader.events.on('served', (dataset) => {
      this.#loaded.delete(dataset);
      const revision = parts.reader.get(dataset);
      if (revision) this.#unwritten.set(dataset, revision);
      this.#writing ??= this.#writeAll().finally(() => {
        this.#writing = undefined;
      });
    });
  }

  /** What to serve while nothing was verified since the start. */
  get(dataset: DatasetName): Revision | undefined {
    return this.#loaded.get(dataset);
  }

  /** Reads what there is. Never rejects. */
  async load(): Promise<void> {
    await Promise.all([...this.#parts.datasets].map(([name, dataset]) => this.#load(name, dataset)));
  }

  /** Resolves when what was served last is on the disk, or can't be, or the disk takes too long. */
  async flush(): Promise<void> {
    if (!this.#writing) return;
    const { clock } = this.#parts;
    let timer: unknown;
    const limit = new Promise<void>((resolve) => {
      timer = clock.setTimeout(resolve, flushLimitMs);
    });
    await Promise.race([this.#writing, limit]);
    clock.clearTimeout(timer);
  }

  async #load(name: DatasetName, { schema, limits }: Dataset): Promise<void> {
    const { reader, namespace, clock, tell } = this.#parts;
    const file = this.#fileOf(name);
    try {
      const content = await readBackupFile(file, { namespace, dataset: name }, limits.maxBytes);
      if (!content) return;
      const { record, payload } = content;
      const decoded = decodePayload(record, payload, schema, limits.maxBytes);
      if (decoded.outcome !== 'verified') throw new UnusableBackup(`is ${decoded.outcome}: ${decoded.reason}`);
      if (reader.get(name)) return;
      this.#loaded.set(name, { record, data: decoded.data, payload });
      this.events.emit('loaded', name);
      tell(`${name}: revision ${record.revision} is served from its backup until Redis or the source has another.`);
    } catch (error) {
      const end = 'it is not used, and replaced by the next revision';
      const why = error instanceof UnusableBackup ? error.message : `could not be read (${reasonOf(error)})`;
      tell(`The backup ${file} ${why}: ${end}.`);
    } finally {
      await removeRemains(file, clock.now() - remainsAgeMs).catch(() => undefined);
    }
  }

  async #writeAll(): Promise<void> {
    const { folder, namespace, tell } = this.#parts;
    for (let [next] = this.#unwritten; next; [next] = this.#unwritten) {
      const [dataset, { record, payload }] = next;
      this.#unwritten.delete(dataset);
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeBackupFile(this.#fileOf(dataset), { namespace, dataset }, { record, payload });
        this.#told.delete(dataset);
      } catch (error) {
        const why = reasonOf(error);
        if (this.#told.get(dataset) === why) continue;
        this.#told.set(dataset, why);
        tell(
          `The backup ${this.#fileOf(dataset)} could not be written (${why}): see to its folder and the space there; the last one stays, and what is served is untouched.`,
        );
      }
    }
  }

  #fileOf(dataset: DatasetName): string {
    return join(this.#parts.folder, `${encodeURIComponent(this.#parts.namespace)}.${dataset}.backup`);
  }
}

/** What the system calls it; its messages repeat the path. */
function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: string; message: string };
  return code ?? message;
}
