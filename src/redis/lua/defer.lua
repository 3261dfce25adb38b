--[[
The call under a permit failed: the next one is due `delayMs` from now, whoever leads then. So backoff and
`Retry-After` outlive the leader. Fenced.

KEYS[1] leader_lock  string, PX  podId#epoch
KEYS[2] lease        hash        epoch, …
KEYS[3] schedule     hash        see lib/schedule.lua

ARGV[1] podId
ARGV[2] epoch
ARGV[3] dataset
ARGV[4] permitId  of the call that failed; another permit in the schedule means that somebody called since
ARGV[5] delayMs   ms

Returns 1 when deferred, 0 when this permit is not the last one any more, -1 when the caller is not the holder.
]]
-- @include clock
-- @include holder

if not isHolder(KEYS[1], KEYS[2], ARGV[1], ARGV[2]) then return -1 end
local permit = redis.call('HGET', KEYS[3], ARGV[3] .. ':permit')
if permit and permit ~= ARGV[4] then return 0 end
redis.call('HSET', KEYS[3], ARGV[3] .. ':next', string.format('%.0f', redisNow() + tonumber(ARGV[5])),
  ARGV[3] .. ':delayMs', ARGV[5])
return 1
