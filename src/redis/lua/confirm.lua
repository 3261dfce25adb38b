--[[
The source answered that nothing changed: moves `checkedAt`, and no revision. Fenced.

KEYS[1] leader_lock   string, PX  podId#epoch
KEYS[2] lease         hash        epoch, …
KEYS[3] data_version  string      JSON

ARGV[1] podId
ARGV[2] epoch
ARGV[3] dataset
ARGV[4] version     JSON: the version that was confirmed
ARGV[5] validators  JSON, or '' to keep the stored ones
ARGV[6] channel of announcements

Returns JSON: { outcome: 'confirmed', record } | { outcome: 'mismatch' | 'notHolder' }
Announces `checked`. A stored version of a higher epoch ends the lease, as in publish.lua.
]]
-- @include clock
-- @include holder
-- @include data_version

local dataset = ARGV[3]
if not isHolder(KEYS[1], KEYS[2], ARGV[1], ARGV[2]) then return cjson.encode({ outcome = 'notHolder' }) end

local dataVersion = loadDataVersion(KEYS[3])
if dataVersion and isOutranked(KEYS[2], dataVersion, ARGV[2]) then return cjson.encode({ outcome = 'notHolder' }) end
local record = dataVersion and dataVersion.datasets[dataset]
local version = cjson.decode(ARGV[4])
if not record or compareVersions(record, version) ~= 0 then return cjson.encode({ outcome = 'mismatch' }) end

record.checkedAt = math.max(redisNow(), record.updatedAt)
if ARGV[5] ~= '' then record.validators = cjson.decode(ARGV[5]) end
storeDataVersion(KEYS[3], dataVersion)
redis.call('PUBLISH', ARGV[6], cjson.encode({
  kind = 'checked', dataset = dataset, checkedAt = record.checkedAt,
  version = { revision = record.revision, epoch = record.epoch, podId = record.podId },
}))
return cjson.encode({ outcome = 'confirmed', record = record })
