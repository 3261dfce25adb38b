/** The Dockerfile: read by a parser and a linter. Its steps are run by hand in image.full.test.ts. */
import { existsSync, readFileSync } from 'node:fs';
import { validate } from 'dockerfile-utils';
import { expect, test } from 'vitest';
import { command, dockerfile, stages } from './dockerfile.ts';

const image = stages().at(-1);

test('is one that the linter finds nothing in, and would', () => {
  const text = readFileSync(dockerfile, 'utf8');
  expect(validate(text).map(({ message }) => message)).toEqual([]);
  expect(validate(text.replace('WORKDIR', 'WORKDIRR')).map(({ message }) => message)).not.toEqual([]);
});

test('copies from the project nothing that isn’t there', () => {
  const sources = stages().flatMap(({ steps }) =>
    steps.filter(({ keyword, flags }) => keyword === 'COPY' && !flags.from).flatMap(({ args }) => args.slice(0, -1)),
  );
  expect(sources.length).toBeGreaterThan(5);
  expect(sources.filter((file) => !existsSync(file))).toEqual([]);
});

test('ends in an image without tools of development, not as root, that tells whether it is alive', () => {
  expect(image?.image).toMatch(/^gcr\.io\/distroless\/.*:nonroot$/);
  expect(image?.steps.filter(({ keyword }) => keyword === 'RUN')).toEqual([]);
  expect(image?.steps.find(({ keyword }) => keyword === 'USER')?.text).toBe('65532:65532');
  expect(command(image, 'HEALTHCHECK')[2]).toContain('/livez');
  expect([...command(image, 'ENTRYPOINT'), ...command(image, 'CMD')].at(-1)).toBe('service');
});
