--[[
Claims a permit: the fleet-wide right to make one source call. Fenced, on Redis' clock.

KEYS[1] leader_lock  string, PX  podId#epoch
KEYS[2] lease        hash        epoch, …
KEYS[3] schedule     hash        see lib/schedule.lua

ARGV[1] podId
ARGV[2] epoch
ARGV[3] dataset
ARGV[4] permitId     asking again with the same id moves the grant to now: a pod asks again only if it has not
                     called yet, so the call it will make is at most one belief window younger than the schedule says
ARGV[5] intervalMs   ms between two calls that succeed
ARGV[6] budgetCalls  at most so many calls …
ARGV[7] budgetPerMs  … in any window of so many ms
ARGV[8] callAges     JSON array: ages of the calls the caller knows of, ms, youngest first
ARGV[9] '1': somebody asked for it: due at once, unless the source failed and its time has not come, or the
        schedule is younger than the window
ARGV[10] channel of announcements

Returns JSON: { outcome: 'granted', callAges: '0,…' } | { outcome: 'notDue' | 'overBudget', waitMs }
  | { outcome: 'notHolder' }
Announces `claimed`.

A permit is spent when it is granted: if its pod dies, the next leader waits for the next interval.

While the schedule is younger than the window, a whole budget may have been spent that nobody remembers: the data was
lost and the pods that knew are gone, or the fleet is new; nothing here can tell these apart. Until then only the one
call an interval is made: no retry, and none for the asking.
]]
-- @include clock
-- @include holder
-- @include schedule

local dataset, permitId, perMs = ARGV[3], ARGV[4], tonumber(ARGV[7])
if not isHolder(KEYS[1], KEYS[2], ARGV[1], ARGV[2]) then return cjson.encode({ outcome = 'notHolder' }) end

local now = redisNow()
local since = beginSchedule(KEYS[3], now, redis.call)
local calls = mergeCalls(KEYS[3], dataset, cjson.decode(ARGV[8]), now, redis.call)

-- Asked again: no call was made under this permit yet, so it counts from now.
local isAskedAgain = redis.call('HGET', KEYS[3], dataset .. ':permit') == permitId
if isAskedAgain then
  table.remove(calls, 1)
else
  local dueAt = calls[1] and calls[1] + tonumber(ARGV[5]) or now
  if ARGV[9] == '1' then dueAt = now end
  dueAt = loadDeferral(KEYS[3], dataset, now) or dueAt
  if now < dueAt then return cjson.encode({ outcome = 'notDue', waitMs = dueAt - now }) end
end

local untilMs = calls[1] and math.min(since + perMs, calls[1] + tonumber(ARGV[5])) or now
if now < untilMs then return cjson.encode({ outcome = 'overBudget', waitMs = untilMs - now }) end

local inWindow = {}
for _, at in ipairs(calls) do
  if now - at < perMs then inWindow[#inWindow + 1] = at end
end
-- More calls than can be remembered can't be allowed either.
local budgetCalls = math.min(tonumber(ARGV[6]), mostCalls)
if not isAskedAgain and #inWindow >= budgetCalls then
  return cjson.encode({ outcome = 'overBudget', waitMs = inWindow[budgetCalls] + perMs - now })
end

table.insert(inWindow, 1, now)
redis.call('HSET', KEYS[3], dataset .. ':permit', permitId, callFields(dataset, inWindow))
redis.call('HDEL', KEYS[3], dataset .. ':next', dataset .. ':delayMs')
local ages = agesOf(inWindow, now)
redis.call('PUBLISH', ARGV[10], cjson.encode({
  kind = 'claimed', dataset = dataset, podId = ARGV[1], epoch = tonumber(ARGV[2]), at = now, agesMs = ages, perMs = perMs,
  isAskedAgain = isAskedAgain or nil,
}))
return cjson.encode({ outcome = 'granted', callAges = joinNumbers(ages) })
