import { fileURLToPath } from 'node:url';

/** A module beside this one that is to run as a process: `.ts` among the sources, `.js` in the package. */
export function modulePath(name: string, besideUrl: string): string {
  const extension = besideUrl.endsWith('.ts') ? '.ts' : '.js';
  return fileURLToPath(new URL(`${name}${extension}`, besideUrl));
}
