--[[
Reads the data version, reports the pod, and brings Redis what the pod remembers: its highest epoch, the ages of
source calls and the versions it could restore. The idle pods' heartbeat.

KEYS[1] data_version  string      JSON
KEYS[2] leader_lock   string, PX  podId#epoch
KEYS[3] lease         hash        epoch, …
KEYS[4] schedule      hash        see lib/schedule.lua
KEYS[5] pods          sorted set  podId by time of its last poll, ms
KEYS[6] pods:order    sorted set  podId by time of its first poll, ms: the rank
KEYS[7] pods:reports  hash        podId -> report, JSON
KEYS[8…] <dataset>_backup  string  the payloads, in the order of ARGV[5]

ARGV[1] podId
ARGV[2] report           JSON, stored as it is
ARGV[3] seenEpoch        the highest epoch the caller has seen anywhere; raises `lease.epoch`, which ends a lease
                         that a rollback brought back
ARGV[4] freshGeneration  becomes the generation when Redis has none
ARGV[5] datasets         JSON array of names
ARGV[6] held             JSON object: name -> version in the caller's memory
ARGV[7] callAges         JSON object: name -> array of ages, ms, youngest first
ARGV[8] pollIntervalMs   ms; pods that haven't polled for three of these are dropped

Returns JSON: { now, generation, generatedAt, records, lock?, epoch, size, rank, turn, turns,
  wanted: 'a,b', callAges: { name: '1,2' }, writeFailure?, wasUnreadable? }

Where Redis refuses writes (OOM, MISCONF) all that can be read is returned, and `writeFailure` says why.
]]
-- @include clock
-- @include lock
-- @include data_version
-- @include schedule

local now = redisNow()
local podId, datasets, held, remembered = ARGV[1], cjson.decode(ARGV[5]), cjson.decode(ARGV[6]), cjson.decode(ARGV[7])
local writeFailure = nil

local function write(...)
  local reply = redis.pcall(...)
  if type(reply) ~= 'table' or not reply.err then return end
  -- Anything else (READONLY, a missing right, a wrong type) says that this server is not to be used.
  local isNoRoom = string.find(reply.err, 'OOM', 1, true) or string.find(reply.err, 'MISCONF', 1, true)
  if not isNoRoom then error(reply.err) end
  writeFailure = writeFailure or reply.err
end

local dataVersion, wasUnreadable = loadDataVersion(KEYS[1])
if not dataVersion then
  dataVersion = newDataVersion(ARGV[4], now)
  write('SET', KEYS[1], cjson.encode(dataVersion))
end

local epoch = rememberedEpoch(KEYS[3])
local seenEpoch = tonumber(ARGV[3])
if seenEpoch > epoch then
  write('HSET', KEYS[3], 'epoch', ARGV[3])
  epoch = seenEpoch
end

write('ZADD', KEYS[5], now, podId)
write('ZADD', KEYS[6], 'NX', now, podId)
write('HSET', KEYS[7], podId, ARGV[2])
-- A poll in the future (Redis' clock was set back) counts as now, else its pod would stay for as long as the step.
local nowText = string.format('%.0f', now)
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[5], '(' .. nowText, '+inf', 'LIMIT', 0, 100)) do
  write('ZADD', KEYS[5], now, id)
end
local gone = redis.call('ZRANGEBYSCORE', KEYS[5], '-inf', '(' .. string.format('%.0f', now - 3 * tonumber(ARGV[8])), 'LIMIT', 0, 100)
for _, id in ipairs(gone) do
  write('ZREM', KEYS[5], id)
  write('ZREM', KEYS[6], id)
  write('HDEL', KEYS[7], id)
end

-- `pods` alone was evicted: its companions forget whoever has not come back, else nobody would ever drop them.
local size = redis.call('ZCARD', KEYS[5])
local function dropUnlisted(ids)
  for _, id in ipairs(ids) do
    if not redis.call('ZSCORE', KEYS[5], id) then
      write('ZREM', KEYS[6], id)
      write('HDEL', KEYS[7], id)
    end
  end
end
if redis.call('ZCARD', KEYS[6]) > size then dropUnlisted(redis.call('ZRANGE', KEYS[6], 0, -1)) end
if redis.call('HLEN', KEYS[7]) > size then dropUnlisted(redis.call('HKEYS', KEYS[7])) end

beginSchedule(KEYS[4], now, write)
local wanted, callAges = {}, {}
for i, name in ipairs(datasets) do
  local record = dataVersion.datasets[name]
  local order = compareVersions(held[name], record)
  local isPayloadGone = record and (record.isSuspect or redis.call('EXISTS', KEYS[7 + i]) == 0)
  if order > 0 or (record and order == 0 and isPayloadGone) then wanted[#wanted + 1] = name end

  local calls = mergeCalls(KEYS[4], name, remembered[name] or {}, now, write)
  callAges[name] = joinNumbers(agesOf(calls, now))
end

local lock = observeLock(KEYS[2], KEYS[3])
local rank = redis.call('ZRANK', KEYS[6], podId) or 0
local holderRank = lock and redis.call('ZRANK', KEYS[6], lock.podId)
local turns, turn = size, rank
if holderRank then
  turns = size - 1
  if holderRank < rank then turn = rank - 1 end
end
return cjson.encode({
  now = now, generation = dataVersion.generation, generatedAt = dataVersion.generatedAt, records = dataVersion.datasets,
  lock = lock, epoch = epoch, size = size, rank = rank, turn = turn, turns = turns,
  wanted = table.concat(wanted, ','), callAges = callAges, writeFailure = writeFailure,
  wasUnreadable = wasUnreadable,
})
