/** `npm run reference`: writes docs/configuration.md anew. */
import { writeFileSync } from 'node:fs';
import { configurationPage, referenceFile } from './configuration.ts';

writeFileSync(referenceFile, configurationPage());
console.log(`written  ${referenceFile}`);
