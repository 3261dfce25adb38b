--[[
Publishes one revision: payload, data version and announcement, all or nothing. Fenced.

KEYS[1] leader_lock       string, PX  podId#epoch
KEYS[2] lease             hash        epoch, …
KEYS[3] data_version      string      JSON
KEYS[4] <dataset>_backup  string      the payload
KEYS[5] schedule          hash        `<dataset>:permit`

ARGV[1] podId
ARGV[2] epoch
ARGV[3] dataset
ARGV[4] record           JSON; updatedAt and checkedAt are set here
ARGV[5] payload          bytes
ARGV[6] expected         JSON of the version the caller built on, or ''
ARGV[7] freshGeneration  becomes the generation when Redis has none
ARGV[8] permitId, or ''  another permit in the schedule means that the source was called since: 'outdated'
ARGV[9] '1': send the payload with the announcement
ARGV[10] channel of announcements

Returns JSON: { outcome: 'published', record } | { outcome: 'mismatch' | 'notHolder' | 'outdated' }
Announces `published`.

The payload is written first: out of memory, that write fails and nothing has changed. Sent again after a lost
reply it finds its own version and answers 'published'. A stored version of a higher epoch than the caller's (a pod
put it back after this lease was granted) ends the lease: `lease.epoch` is raised to it.
]]
-- @include clock
-- @include holder
-- @include data_version

local dataset, payload = ARGV[3], ARGV[5]
if not isHolder(KEYS[1], KEYS[2], ARGV[1], ARGV[2]) then return cjson.encode({ outcome = 'notHolder' }) end

local now = redisNow()
local dataVersion = loadDataVersion(KEYS[3]) or newDataVersion(ARGV[7], now)
if isOutranked(KEYS[2], dataVersion, ARGV[2]) then return cjson.encode({ outcome = 'notHolder' }) end
local record = cjson.decode(ARGV[4])
local stored = dataVersion.datasets[dataset]
if stored and compareVersions(stored, record) == 0 and stored.sha256 == record.sha256 then
  return cjson.encode({ outcome = 'published', record = stored })
end
local expected = ARGV[6] ~= '' and cjson.decode(ARGV[6]) or nil
if compareVersions(stored, expected) ~= 0 or compareVersions(record, stored) <= 0 then
  return cjson.encode({ outcome = 'mismatch' })
end
local permit = redis.call('HGET', KEYS[5], dataset .. ':permit')
if ARGV[8] ~= '' and permit and permit ~= ARGV[8] then return cjson.encode({ outcome = 'outdated' }) end

record.updatedAt = now
record.checkedAt = now
dataVersion.datasets[dataset] = record
redis.call('SET', KEYS[4], payload)
storeDataVersion(KEYS[3], dataVersion)
local header = cjson.encode({ kind = 'published', dataset = dataset, record = record })
redis.call('PUBLISH', ARGV[10], ARGV[9] == '1' and (header .. '\n' .. payload) or header)
return cjson.encode({ outcome = 'published', record = record })
