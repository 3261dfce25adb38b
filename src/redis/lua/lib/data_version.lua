-- The record of all current revisions (key `data_version`), as a table.

local FORMAT = 1

-- Bytes. No fleet has a tenth of it, and every pod is sent all of it with every poll.
local longestDataVersion = 1048576

local function isCount(value)
  return type(value) == 'number' and value >= 0 and value <= 2 ^ 53 and value == math.floor(value)
end

local function isTextOrNothing(value, longest)
  return value == nil or (type(value) == 'string' and #value <= longest)
end

-- What the schema in machines/protocol.ts asks, so that what passes here can be read by every pod. Texts are measured
-- in bytes here and in UTF-16 units there: four times as long is allowed, never less than there.
local function isRecord(record)
  return type(record) == 'table'
    and isCount(record.revision)
    and isCount(record.epoch)
    and type(record.podId) == 'string' and #record.podId <= 800 and string.match(record.podId, '^[^#%s]+$') ~= nil
    and type(record.sha256) == 'string' and #record.sha256 == 64 and not string.match(record.sha256, '[^0-9a-f]')
    and isCount(record.updatedAt)
    and isCount(record.checkedAt)
    and isCount(record.bytes)
    and (record.encoding == 'json' or record.encoding == 'gzip')
    and (record.isSuspect == nil or type(record.isSuspect) == 'boolean')
    and (record.validators == nil or (type(record.validators) == 'table'
      and isTextOrNothing(record.validators.etag, 2048) and isTextOrNothing(record.validators.lastModified, 512)))
end

local function isDatasetName(name)
  return type(name) == 'string' and #name <= 64 and string.match(name, '^%a[%w_-]*$') ~= nil
end

-- Returns the data version, or nil and whether something unreadable stood there. What can't be read is lost data:
-- it is replaced, and the pods restore what they hold. Only a newer format is not ours to replace.
local function loadDataVersion(key)
  local raw = redis.call('GET', key)
  if not raw then return nil, false end
  if #raw > longestDataVersion then return nil, true end
  local isJson, value = pcall(cjson.decode, raw)
  if not isJson or type(value) ~= 'table' or type(value.format) ~= 'number' then return nil, true end
  if value.format > FORMAT then error('NEWERFORMAT ' .. value.format) end
  local generation = value.generation
  local isGeneration = type(generation) == 'string' and #generation >= 1 and #generation <= 64
  if value.format ~= FORMAT or not isGeneration or not isCount(value.generatedAt) then return nil, true end
  local datasets = {}
  if type(value.datasets) == 'table' then
    for name, record in pairs(value.datasets) do
      if isDatasetName(name) and isRecord(record) then datasets[name] = record end
    end
  end
  value.datasets = datasets
  return value, false
end

local function storeDataVersion(key, dataVersion)
  redis.call('SET', key, cjson.encode(dataVersion))
end

local function newDataVersion(generation, now)
  return { format = FORMAT, generation = generation, generatedAt = now, datasets = {} }
end

-- Lua's own `<` on strings follows the locale that the server was started in; the pods compare bytes.
local function isBefore(a, b)
  for i = 1, math.min(#a, #b) do
    local left, right = string.byte(a, i), string.byte(b, i)
    if left ~= right then return left < right end
  end
  return #a < #b
end

-- Negative, 0 or positive: by revision, then epoch, then publisher. No version is older than every version.
local function compareVersions(a, b)
  if not a or not b then return (a and 1 or 0) - (b and 1 or 0) end
  if a.revision ~= b.revision then return a.revision - b.revision end
  if a.epoch ~= b.epoch then return a.epoch - b.epoch end
  if a.podId == b.podId then return 0 end
  return isBefore(a.podId, b.podId) and -1 or 1
end

local function highestEpoch(dataVersion)
  local highest = 0
  for _, record in pairs(dataVersion.datasets) do highest = math.max(highest, record.epoch) end
  return highest
end

-- Whether a version of a higher epoch than the caller's was put back since its grant. Its lease ends with that: the
-- pod that restored remembers a later lease.
local function isOutranked(leaseKey, dataVersion, epoch)
  local highest = highestEpoch(dataVersion)
  if highest <= tonumber(epoch) then return false end
  redis.call('HSET', leaseKey, 'epoch', string.format('%.0f', highest))
  return true
end
