/** `bellwether doctor`: whether this Redis is fit for a fleet, each finding with what to do. It changes nothing. */

import { placeOf, placeOptions } from '../fleet/place.ts';
import { type PlainRedis, withRedis } from '../fleet/plain-redis.ts';
import { parseArguments } from '../parse-arguments.ts';
import type { Finding } from './finding.ts';
import { checkKeys } from './key-checks.ts';
import { columnsOf } from './report.ts';
import { checkRights } from './rights-checks.ts';
import { checkServer } from './server-checks.ts';
import { checkTime } from './time-checks.ts';

export async function doctor(args: readonly string[]): Promise<number> {
  const { json, ...rest } = parseArguments('doctor', args, { ...placeOptions, json: { type: 'boolean' } });
  const place = placeOf(rest);
  const findings = await withRedis(place, examine);
  const lines = json ? [JSON.stringify(findings)] : columnsOf(findings, place.target.redacted);
  process.stdout.write(`${lines.join('\n')}\n`);
  return findings.some(({ level }) => level === 'finding') ? 1 : 0;
}

async function examine(plain: PlainRedis): Promise<Finding[]> {
  const findings = await checkServer(plain);
  // What is no server of data has none of the rest.
  if (findings.some(({ sentence }) => /is a sentinel|node of a Cluster/.test(sentence))) return findings;
  return [...findings, ...(await checkTime(plain)), ...(await checkKeys(plain)), ...(await checkRights(plain))];
}
