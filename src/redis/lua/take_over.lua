--[[
Takes the lease over from a holder that is gone, before its lock expires.

Safe by age: the lock was not renewed for longer than its holder believes in it. Presence (is the holder's own
channel subscribed?) only spares a holder that is alive but slow; it decides nothing about safety.

KEYS[1] leader_lock   string, PX  podId#epoch
KEYS[2] lease         hash        epoch, holder, ttlMs, beliefWindowMs, since
KEYS[3] data_version  string      JSON

ARGV[1..8] as acquire.lua
ARGV[9]  observed lock: podId#epoch
ARGV[10] channel of the observed holder

Returns JSON: { outcome: 'granted', epoch } | { outcome: 'free' } | { outcome: 'changed', lock }
  | { outcome: 'present', now, lock } | { outcome: 'tooYoung', waitMs } | { outcome: 'presenceUnknown', reason }
Announces `acquired`.
]]
-- @include clock
-- @include lock
-- @include data_version
-- @include grant

local now = redisNow()
local request = {
  podId = ARGV[1], seenEpoch = tonumber(ARGV[2]), ttlMs = ARGV[4], beliefWindowMs = ARGV[5],
}
local lock = observeLock(KEYS[1], KEYS[2], request.ttlMs)
if not lock then return cjson.encode({ outcome = 'free' }) end
if redis.call('GET', KEYS[1]) ~= ARGV[9] then return cjson.encode({ outcome = 'changed', lock = lock }) end

local reply = redis.pcall('PUBSUB', 'NUMSUB', ARGV[10])
if reply.err then return cjson.encode({ outcome = 'presenceUnknown', reason = reply.err }) end
if tonumber(reply[2]) > 0 then return cjson.encode({ outcome = 'present', now = now, lock = lock }) end

-- The terms the holder was granted; without them (the hash was lost) only expiry ends its lease.
local ownGraceMs, margin = tonumber(ARGV[6]), tonumber(ARGV[6]) - tonumber(ARGV[5])
local holderTtlMs, holderBeliefMs = termsOf(KEYS[2], lock.podId)
if not holderTtlMs then return cjson.encode({ outcome = 'tooYoung', waitMs = lock.ttlLeftMs }) end
local minAgeMs = math.max(ownGraceMs, holderBeliefMs + margin)
local ageMs = holderTtlMs - lock.ttlLeftMs
if ageMs < minAgeMs then
  return cjson.encode({ outcome = 'tooYoung', waitMs = math.min(minAgeMs - ageMs, lock.ttlLeftMs) })
end

local dataVersion = loadDataVersion(KEYS[3])
if not dataVersion then
  dataVersion = newDataVersion(ARGV[7], now)
  storeDataVersion(KEYS[3], dataVersion)
end
local waitMs = holdLeft(dataVersion, ownGraceMs, now, KEYS[3])
if waitMs > 0 then return cjson.encode({ outcome = 'tooYoung', waitMs = waitMs }) end
return grant(KEYS[1], KEYS[2], dataVersion, ARGV[8], request, now)
