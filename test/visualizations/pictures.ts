/** The pictures as they are committed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const folder = join(import.meta.dirname, '../../visualizations');

export const pictures: readonly string[] = readdirSync(folder).filter((file) => file.endsWith('.svg'));

export function readPicture(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}
