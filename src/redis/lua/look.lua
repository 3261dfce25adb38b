--[[
Reads what the fleet tells of itself, for a dashboard. Changes nothing.

KEYS[1] data_version  string      JSON
KEYS[2] leader_lock   string, PX  podId#epoch
KEYS[3] lease         hash        epoch, …
KEYS[4] pods          sorted set  podId by time of its last poll, ms
KEYS[5] pods:order    sorted set  podId by time of its first poll, ms
KEYS[6] pods:reports  hash        podId -> report, JSON

ARGV[1] mostPods      so many at most, those that came first

Returns JSON: { now, epoch, lock?, records, pods: [{ polledAt, report: JSON }] }, the pods in their order.
]]
-- @include clock
-- @include lock
-- @include data_version

local pods = {}
for _, podId in ipairs(redis.call('ZRANGE', KEYS[5], 0, tonumber(ARGV[1]) - 1)) do
  local polledAt, report = redis.call('ZSCORE', KEYS[4], podId), redis.call('HGET', KEYS[6], podId)
  if polledAt and report then pods[#pods + 1] = { polledAt = tonumber(polledAt), report = report } end
end
local dataVersion = loadDataVersion(KEYS[1])
return cjson.encode({
  now = redisNow(), epoch = tonumber(redis.call('HGET', KEYS[3], 'epoch') or '0') or 0,
  lock = observeLock(KEYS[2], KEYS[3]), records = dataVersion and dataVersion.datasets or {}, pods = pods,
})
