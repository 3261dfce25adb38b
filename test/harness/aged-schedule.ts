/** As if the fleet were older than its first window, in which it makes no call for the asking: see claim.lua. */
import { Redis } from 'ioredis';

export async function ageSchedule(url: string, namespace: string): Promise<void> {
  const client = new Redis(url);
  await client.hset(`${namespace}:schedule`, 'since', 0);
  await client.quit();
}
