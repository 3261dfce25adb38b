/** Versions under a key, for tests. */
import type { VersionRecord } from '../../machines/index.ts';
import { Integrity, IntegrityOptions } from '../../src/integrity.ts';
import { record } from './samples.ts';

export function integrityOf(keys: readonly (string | Uint8Array)[], required = true, namespace = 'hedging'): Integrity {
  return new Integrity(namespace, IntegrityOptions.parse({ keys, required }));
}

export function signed(integrity: Integrity, version = record(7)): VersionRecord {
  return { ...version, signature: integrity.sign('rates', version) };
}
