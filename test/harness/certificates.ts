/** A certificate authority that lives for one test, with a server's and a client's certificate, made by openssl. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureTool } from './tool.ts';

/** Paths of PEM files. */
export type Certificate = Readonly<{ cert: string; key: string }>;
export type Certificates = Readonly<{ ca: string; server: Certificate; client: Certificate }>;

/** Valid for two days, for `localhost` and both loopback addresses. */
export function makeCertificates(folder: string): Certificates {
  const names = join(folder, 'names.cnf');
  writeFileSync(names, 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\n');
  const ca = { cert: join(folder, 'ca.crt'), key: join(folder, 'ca.key') };
  const subject = '/CN=Bellwether test CA';
  openssl('req', '-x509', ...newKey(ca.key), '-days', '2', '-subj', subject, '-out', ca.cert);

  const sign = (name: string): Certificate => {
    const [cert, key, request] = [`${name}.crt`, `${name}.key`, `${name}.csr`].map((file) => join(folder, file)) as [
      string,
      string,
      string,
    ];
    openssl('req', ...newKey(key), '-subj', `/CN=${name}`, '-out', request);
    const signer = ['-CA', ca.cert, '-CAkey', ca.key, '-CAcreateserial'];
    openssl('x509', '-req', '-in', request, ...signer, '-days', '2', '-extfile', names, '-out', cert);
    return { cert, key };
  };
  return { ca: ca.cert, server: sign('localhost'), client: sign('client') };
}

/** Elliptic curves, because an RSA key takes up to a second. */
function newKey(file: string): string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file];
}

function openssl(...args: string[]): void {
  const { status, stderr } = spawnSync(ensureTool('openssl'), args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args[0]} failed: ${stderr}`);
}
