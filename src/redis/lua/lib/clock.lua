-- Redis' clock in ms since 1970: the one clock on which pods may compare anything.
local function redisNow()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
