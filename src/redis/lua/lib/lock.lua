-- The leader lock holds `podId#epoch`. A value that somebody else wrote there names no epoch, and is still a lock.
local function parseHolder(value)
  local podId, epoch = string.match(value, '^(.+)#(%d+)$')
  -- Beyond 15 digits a number can't be counted on any more: not ours.
  if podId and #epoch <= 15 then return podId, tonumber(epoch) end
  return value, 0
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
    local terms = redis.call('HMGET', leaseKey, 'epoch', 'ttlMs')
    local grantedTtlMs = tonumber(terms[1] or '') == epoch and tonumber(terms[2] or '') or nil
    if left < 0 then
      left = tonumber(ttlMs)
      redis.call('PEXPIRE', key, ttlMs)
    elseif grantedTtlMs and left > grantedTtlMs then
      left = grantedTtlMs
      redis.call('PEXPIRE', key, terms[2])
    end
  end
  return { podId = podId, epoch = epoch, ttlLeftMs = left }
end
