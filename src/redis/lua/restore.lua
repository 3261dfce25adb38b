--[[
Puts a published version back that Redis lost: one that is newer than the stored one, or the same one where its
payload is missing or known to be wrong. Needs no lease: it adds nothing that was not published.

KEYS[1] data_version      string  JSON
KEYS[2] <dataset>_backup  string  the payload

ARGV[1] dataset
ARGV[2] record           JSON, as it was published
ARGV[3] payload          bytes
ARGV[4] freshGeneration  becomes the generation when Redis has none
ARGV[5] channel of announcements

Returns 'restored' | 'notWanted'. Announces `published`, without the payload.
When several pods restore at once, the order of versions decides, and the second of two equal ones is not wanted.
]]
-- @include clock
-- @include data_version

local dataset, record = ARGV[1], cjson.decode(ARGV[2])
local dataVersion = loadDataVersion(KEYS[1]) or newDataVersion(ARGV[4], redisNow())
local stored = dataVersion.datasets[dataset]
local order = compareVersions(record, stored)
if order < 0 then return 'notWanted' end
if order == 0 and not stored.isSuspect and redis.call('EXISTS', KEYS[2]) == 1 then return 'notWanted' end
if order == 0 and stored.sha256 ~= record.sha256 then return 'notWanted' end

record.isSuspect = nil
dataVersion.datasets[dataset] = record
redis.call('SET', KEYS[2], ARGV[3])
storeDataVersion(KEYS[1], dataVersion)
redis.call('PUBLISH', ARGV[5], cjson.encode({
  kind = 'published', dataset = dataset, record = record, isRestored = true,
}))
return 'restored'
