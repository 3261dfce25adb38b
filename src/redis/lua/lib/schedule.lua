-- The schedule (hash): `since`, when it began (Redis' data is new, or the key was evicted); per dataset `<name>:calls` (times of the source calls in the window, youngest first, comma
-- separated), `<name>:last`, `<name>:permit`, and after a failed call `<name>:next` and `<name>:delayMs`.
-- What lies in the future (Redis' clock was set back) is moved to now and *stored* so, else it would stay "just now"
-- until the clock has caught up.

local mostCalls = 64

-- Two sightings of one call differ by the time its announcement took.
local sameCallMs = 1000

local function joinNumbers(numbers)
  local texts = {}
  for i, number in ipairs(numbers) do texts[i] = string.format('%.0f', number) end
  return table.concat(texts, ',')
end

local function splitNumbers(text)
  local numbers = {}
  for part in string.gmatch(text or '', '[^,]+') do
    local number = tonumber(part)
    if number and #numbers < mostCalls then numbers[#numbers + 1] = number end
  end
  return numbers
end

-- Since when the schedule knows every call. Earlier ones may have been forgotten by everybody.
local function beginSchedule(key, now, write)
  local since = tonumber(redis.call('HGET', key, 'since') or '')
  if since and since <= now then return since end
  write('HSET', key, 'since', string.format('%.0f', now))
  return now
end

-- Field, value, … for HSET.
local function callFields(dataset, calls)
  return dataset .. ':calls', joinNumbers(calls), dataset .. ':last', string.format('%.0f', calls[1])
end

-- The calls of a dataset, youngest first: what Redis knows and what a pod remembers. Redis may have lost some (wiped, or
-- rolled back to an older copy), and the pod may have missed some. Neither list invents a call, so the k-th youngest of
-- both is at least as young as the k-th youngest of either. What Redis did not know is stored by `write`.
local function mergeCalls(key, dataset, rememberedAges, now, write)
  local stored = splitNumbers(redis.call('HGET', key, dataset .. ':calls'))
  local calls, isNews = {}, false
  for i = 1, math.min(math.max(#stored, #rememberedAges), mostCalls) do
    local at, age = stored[i] and math.min(stored[i], now), rememberedAges[i]
    local remembered = age and now - math.max(0, math.floor(age))
    if remembered and (not at or remembered > at + sameCallMs) then
      -- The last call is another than the one that the stored permit was for.
      if at and i == 1 then write('HSET', key, dataset .. ':permit', 'unknown') end
      at = remembered
    end
    isNews = isNews or at ~= stored[i]
    calls[i] = math.min(at, calls[i - 1] or at)
  end
  if isNews then write('HSET', key, callFields(dataset, calls)) end
  return calls
end

-- When the next call is due after one that failed; nil when none failed.
local function loadDeferral(key, dataset, now)
  local fields = redis.call('HMGET', key, dataset .. ':next', dataset .. ':delayMs')
  local at, delayMs = tonumber(fields[1] or ''), tonumber(fields[2] or '')
  if not at or not delayMs then return nil end
  if at <= now + delayMs then return at end
  redis.call('HSET', key, dataset .. ':next', string.format('%.0f', now + delayMs))
  return now + delayMs
end

local function agesOf(calls, now)
  local ages = {}
  for i, at in ipairs(calls) do ages[i] = now - at end
  return ages
end
