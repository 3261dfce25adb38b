--[[
Acquires the lease, if nobody holds it.

KEYS[1] leader_lock   string, PX  podId#epoch
KEYS[2] lease         hash        epoch, holder, ttlMs, beliefWindowMs, since
KEYS[3] data_version  string      JSON

ARGV[1] podId
ARGV[2] seenEpoch       the highest epoch the caller has seen anywhere
ARGV[3] ownEpoch        the highest epoch of which the caller received the grant
ARGV[4] ttlMs           ms
ARGV[5] beliefWindowMs  ms
ARGV[6] graceMs         ms
ARGV[7] freshGeneration becomes the generation when Redis has none
ARGV[8] channel         of announcements

Returns JSON: { outcome: 'granted', epoch } | { outcome: 'held', lock } | { outcome: 'onHold', waitMs }
Announces `acquired`.

Sent again after a lost reply it returns the same grant: the lock is the caller's with an epoch whose grant it has
not received. A lock of the caller's own that it *has* been granted was lost to it, and one below the highest epoch
it has seen is fenced: it gets a new epoch, never the old one again.
]]
-- @include clock
-- @include lock
-- @include data_version
-- @include grant

local now = redisNow()
local request = {
  podId = ARGV[1], seenEpoch = tonumber(ARGV[2]), ttlMs = ARGV[4], beliefWindowMs = ARGV[5],
}
local dataVersion = loadDataVersion(KEYS[3])
if not dataVersion then
  dataVersion = newDataVersion(ARGV[7], now)
  storeDataVersion(KEYS[3], dataVersion)
end

local lock = observeLock(KEYS[1], KEYS[2], request.ttlMs)
if lock and lock.podId ~= request.podId then
  return cjson.encode({ outcome = 'held', lock = lock })
end
local isUnseen = lock and lock.epoch > tonumber(ARGV[3]) and lock.epoch >= request.seenEpoch
if isUnseen and redis.call('HGET', KEYS[2], 'epoch') == string.format('%.0f', lock.epoch) then
  redis.call('PEXPIRE', KEYS[1], request.ttlMs)
  return cjson.encode({ outcome = 'granted', epoch = lock.epoch })
end

local waitMs = holdLeft(dataVersion, tonumber(ARGV[6]), now, KEYS[3])
if waitMs > 0 then return cjson.encode({ outcome = 'onHold', waitMs = waitMs }) end
return grant(KEYS[1], KEYS[2], dataVersion, ARGV[8], request, now)
