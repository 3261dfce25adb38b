--[[
Releases the lease because the source fails for its holder: only if other pods are there to take it, and at most
once in `minIntervalMs` for the whole fleet, so that a source that is down for all makes nobody flap.

KEYS[1] leader_lock  string, PX   podId#epoch
KEYS[2] lease        hash         epoch, …
KEYS[3] schedule     hash         `yielded`: time of the last yield
KEYS[4] pods         sorted set   podId by time of its last poll

ARGV[1] podId
ARGV[2] epoch
ARGV[3] minIntervalMs  ms
ARGV[4] presenceMs     ms: pods that polled within so long count as there
ARGV[5] channel of announcements

Returns 'yielded' | 'alone' | 'tooSoon' | 'notHolder'. Announces `released`.
]]
-- @include clock
-- @include holder

if not isHolder(KEYS[1], KEYS[2], ARGV[1], ARGV[2]) then return 'notHolder' end
local now = redisNow()
local since = now - tonumber(ARGV[4])
local others = redis.call('ZCOUNT', KEYS[4], since, '+inf')
local own = tonumber(redis.call('ZSCORE', KEYS[4], ARGV[1]) or '')
if own and own >= since then others = others - 1 end
if others < 1 then return 'alone' end
local last = tonumber(redis.call('HGET', KEYS[3], 'yielded') or '')
if last and last > now then
  -- Redis' clock was set back: stored as now, else it would be "just now" until the clock has caught up.
  last = now
  redis.call('HSET', KEYS[3], 'yielded', string.format('%.0f', now))
end
if last and now - last < tonumber(ARGV[3]) then return 'tooSoon' end

redis.call('HSET', KEYS[3], 'yielded', string.format('%.0f', now))
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[5], cjson.encode({ kind = 'released', podId = ARGV[1], epoch = tonumber(ARGV[2]) }))
return 'yielded'
