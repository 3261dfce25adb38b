/**
 * The variables that let the service in: who it is to Redis, whom it trusts, and with which key versions are signed.
 * What is secret may come from a file, as Kubernetes mounts it; no fault repeats any of it.
 */
import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import type { OptionFault, PodOptions } from '../index.ts';

const unset = (value: unknown) => (value === '' ? undefined : value);
const Text = z.preprocess(unset, z.string().optional());

/** More than any certificate or key has. */
const mostFileBytes = 1_048_576;

/** A file's content instead of its path. */
const File = Text.transform((path, context): Buffer | undefined => {
  if (path === undefined) return undefined;
  const refuse = (message: string) => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  try {
    const file = statSync(path);
    // A device or a pipe may never end.
    if (!file.isFile() || file.size > mostFileBytes)
      return refuse(`expected the path of a file of at most ${mostFileBytes} bytes`);
    return readFileSync(path);
  } catch (error) {
    const code = String((error as { code?: unknown }).code);
    return refuse(`expected the path of a file that this process may read (${code})`);
  }
}).meta({ title: "a file's path" });

export const accessVariables = {
  /** The user that this pod is to Redis; beside an address that names none. */
  REDIS_USERNAME: Text,
  /** That user's password. */
  REDIS_PASSWORD: Text,
  /** PEM: whom to trust. Turns TLS on. */
  REDIS_TLS_CA: File,
  /** PEM: the client's own certificate, where Redis asks for one. Turns TLS on. */
  REDIS_TLS_CERT: File,
  /** PEM: the key of that certificate. */
  REDIS_TLS_KEY: File,
  /** Keys of at least 32 bytes, separated by commas or white space: the first one signs, all are accepted. Default: none. */
  INTEGRITY_KEY: Text,
  /** A file with such keys. */
  INTEGRITY_KEY_FILE: File,
  /** `false` accepts unsigned versions too: for the time in which some pods have no key yet. */
  INTEGRITY_REQUIRED: z.preprocess(unset, z.enum(['true', 'false'], "expected 'true' or 'false'").default('true')),
} as const;

type Access = z.output<z.ZodObject<typeof accessVariables>>;

/** Shorter ones could be guessed from a signature. */
const shortestKeyBytes = 32;

/** What no single variable shows. */
export function accessFaults(access: Access): OptionFault[] {
  const faults: OptionFault[] = [];
  const says = (variable: keyof Access, message: string) => faults.push({ path: [variable], message });
  const { REDIS_TLS_CERT: cert, REDIS_TLS_KEY: key, INTEGRITY_KEY: text, INTEGRITY_KEY_FILE: file } = access;
  if (cert && !key) says('REDIS_TLS_KEY', 'expected the key that belongs to REDIS_TLS_CERT');
  if (key && !cert) says('REDIS_TLS_CERT', 'expected the certificate that belongs to REDIS_TLS_KEY');
  if (text !== undefined && file) says('INTEGRITY_KEY_FILE', 'expected either this or INTEGRITY_KEY, not both');
  const keys = integrityOf(access)?.keys;
  if (keys && (keys.length === 0 || keys.some((one) => Buffer.byteLength(one) < shortestKeyBytes))) {
    const message = `expected keys of at least ${shortestKeyBytes} bytes, such as \`openssl rand -base64 32\` prints`;
    says(text === undefined ? 'INTEGRITY_KEY_FILE' : 'INTEGRITY_KEY', message);
  }
  return faults;
}

export function redisOf(address: string, access: Access): NonNullable<PodOptions['redis']> {
  const { REDIS_USERNAME: username, REDIS_PASSWORD: password } = access;
  const { REDIS_TLS_CA: ca, REDIS_TLS_CERT: cert, REDIS_TLS_KEY: key } = access;
  const tls = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  const beside = {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(Object.keys(tls).length > 0 && { tls }),
  };
  return Object.keys(beside).length > 0 ? { address, ...beside } : address;
}

export function integrityOf(access: Access): { keys: string[]; required: boolean } | undefined {
  const text = access.INTEGRITY_KEY ?? access.INTEGRITY_KEY_FILE?.toString('utf8');
  if (text === undefined) return undefined;
  const keys = text.split(/[\s,]+/).filter((key) => key !== '');
  return { keys, required: access.INTEGRITY_REQUIRED === 'true' };
}
