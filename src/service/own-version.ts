import { createRequire } from 'node:module';

/** Of this package, which names itself: the same from the sources and from `dist`. */
export function ownVersion(): string {
  const { version } = createRequire(import.meta.url)('bellwether/package.json') as { version: string };
  return version;
}
