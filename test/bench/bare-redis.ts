/** Redis as the bare variant uses it. Loads ioredis and nothing else. */
import { Redis } from 'ioredis';

export const bareKeys = {
  payload: 'bare:rates_backup',
  dataVersion: 'bare:data_version',
  channel: 'bare:announcements',
};

/** Payload, data version and announcement at once. KEYS: payload, data version. ARGV: record, payload, inline, channel. */
export const barePublishScript = `
local record = cjson.decode(ARGV[1])
redis.call('SET', KEYS[1], ARGV[2])
redis.call('SET', KEYS[2], cjson.encode({ datasets = { rates = record } }))
local header = cjson.encode({ kind = 'published', dataset = 'rates', record = record })
redis.call('PUBLISH', ARGV[4], ARGV[3] == '1' and (header .. '\\n' .. ARGV[2]) or header)
return cjson.encode(record)
`;

/** As the library's connections: one that subscribes and runs commands. */
export function bareRedis(url: string): Redis {
  return new Redis(url, { protocol: 3, replyMapping: 'legacy', lazyConnect: true });
}
