-- The fence: the lock is the caller's *and* no higher epoch was granted or reported since.
local function isHolder(lockKey, leaseKey, podId, epoch)
  return redis.call('GET', lockKey) == podId .. '#' .. epoch and redis.call('HGET', leaseKey, 'epoch') == epoch
end
