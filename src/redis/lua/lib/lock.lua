-- The leader lock holds `podId#epoch`. A value that somebody else wrote there names no epoch, and is still a lock.
local function parseHolder(value)
  local podId, epoch = string.match(value, '^(.+)#(%d+)$')
  -- cjson writes no more than 14 digits of a number: what has more is not ours.
  if podId and #epoch <= 14 then return podId, tonumber(epoch) end
  return value, 0
end

-- The epoch that `lease` remembers; 0 when it was lost, or when what stands there is none of ours: it is replaced by the
-- next grant or poll, else nobody could be granted a lease that any command accepts.
local function rememberedEpoch(leaseKey)
  local text = redis.call('HGET', leaseKey, 'epoch')
  if not text or #text > 14 or not string.match(text, '^%d+$') then return 0 end
  return tonumber(text)
end

-- The terms under which the holder of this lock was granted it: its TTL and belief window, ms; nil when they were lost.
-- They are told apart by holder, not by epoch: a poll that raises the epoch fences the holder and leaves them as they are.
local function termsOf(leaseKey, podId)
  local fields = redis.call('HMGET', leaseKey, 'holder', 'ttlMs', 'beliefWindowMs')
  local ttlMs, beliefWindowMs = tonumber(fields[2] or ''), tonumber(fields[3] or '')
  if fields[1] ~= podId or not ttlMs or not beliefWindowMs then return nil, nil end
  return ttlMs, beliefWindowMs
end

-- What others may know of the lock; nil when it is free. Given a `ttlMs`, mends an expiry that nobody could wait for:
-- a lock without one (not ours: ours always has one) gets it, and one that outlives the terms of its grant (Redis'
-- clock was set back) lives on for just these, from now.
local function observeLock(key, leaseKey, ttlMs)
  local value = redis.call('GET', key)
  if not value then return nil end
  local podId, epoch = parseHolder(value)
  local left = redis.call('PTTL', key)
  if ttlMs then
    local grantedTtlMs = termsOf(leaseKey, podId)
    if left < 0 then
      left = tonumber(ttlMs)
      redis.call('PEXPIRE', key, ttlMs)
    elseif grantedTtlMs and left > grantedTtlMs then
      left = grantedTtlMs
      redis.call('PEXPIRE', key, grantedTtlMs)
    end
  end
  return { podId = podId, epoch = epoch, ttlLeftMs = left }
end
