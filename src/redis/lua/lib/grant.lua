-- Grants a lease under a new epoch: higher than all that Redis remembers and than the highest the caller has seen.
-- Needs lib/lock.lua and lib/data_version.lua.
local function storedEpoch(lockKey, leaseKey, dataVersion)
  local highest = rememberedEpoch(leaseKey)
  local lock = redis.call('GET', lockKey)
  if lock then
    local _, epoch = parseHolder(lock)
    highest = math.max(highest, epoch)
  end
  return math.max(highest, highestEpoch(dataVersion))
end

local function grant(lockKey, leaseKey, dataVersion, channel, request, now)
  local epoch = math.max(storedEpoch(lockKey, leaseKey, dataVersion), request.seenEpoch) + 1
  local epochText = string.format('%.0f', epoch)
  redis.call('SET', lockKey, request.podId .. '#' .. epochText, 'PX', request.ttlMs)
  redis.call('HSET', leaseKey, 'epoch', epochText, 'holder', request.podId, 'ttlMs', request.ttlMs,
    'beliefWindowMs', request.beliefWindowMs, 'since', string.format('%.0f', now))
  redis.call('PUBLISH', channel, cjson.encode({
    kind = 'acquired', podId = request.podId, epoch = epoch, ttlLeftMs = tonumber(request.ttlMs),
  }))
  return cjson.encode({ outcome = 'granted', epoch = epoch })
end

-- How long leases are held back after Redis' data began: the time in which pods report what they have seen.
-- A beginning that lies in the future (Redis' clock was set back) counts as now.
local function holdLeft(dataVersion, graceMs, now, dataVersionKey)
  if dataVersion.generatedAt > now then
    dataVersion.generatedAt = now
    storeDataVersion(dataVersionKey, dataVersion)
  end
  return dataVersion.generatedAt + graceMs - now
end
