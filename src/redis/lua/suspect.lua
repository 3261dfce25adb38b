--[[
A pod found the stored payload of a version missing or wrong: marks it, so that the next pod that holds this
version restores it. Harmless when mistaken: the same bytes are written again.

KEYS[1] data_version  string  JSON

ARGV[1] dataset
ARGV[2] version  JSON
ARGV[3] channel of announcements

Returns 1 when marked, 0 when another version is stored or it was marked already. Announces `suspected`.
]]
-- @include data_version

local dataVersion = loadDataVersion(KEYS[1])
local record = dataVersion and dataVersion.datasets[ARGV[1]]
if not record or record.isSuspect or compareVersions(record, cjson.decode(ARGV[2])) ~= 0 then return 0 end
record.isSuspect = true
storeDataVersion(KEYS[1], dataVersion)
redis.call('PUBLISH', ARGV[3], cjson.encode({ kind = 'suspected', dataset = ARGV[1] }))
return 1
