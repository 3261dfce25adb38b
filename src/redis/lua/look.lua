--[[
Reads what the fleet tells of itself, for a dashboard. Changes nothing.

KEYS[1] data_version  string      JSON
KEYS[2] leader_lock   string, PX  podId#epoch
KEYS[3] lease         hash        epoch, …
KEYS[4] pods          sorted set  podId by time of its last poll, ms
KEYS[5] pods:order    sorted set  podId by time of its first poll, ms
KEYS[6] pods:reports  hash        podId -> report, JSON

ARGV[1] mostPods      so many at most, those that came first
ARGV[2] longestReport bytes; a report that is longer is left out
ARGV[3] mostBytes     of all reports together; the pods after that are left out

Returns JSON: { now, epoch, lock?, records, size, pods: [{ polledAt, report: JSON }] }, the pods in their order; `size` is
how many are listed.
]]
-- @include clock
-- @include lock
-- @include data_version

local longest, bytesLeft = tonumber(ARGV[2]), tonumber(ARGV[3])
local pods = {}
for _, podId in ipairs(redis.call('ZRANGE', KEYS[5], 0, tonumber(ARGV[1]) - 1)) do
  local polledAt, report = redis.call('ZSCORE', KEYS[4], podId), redis.call('HGET', KEYS[6], podId)
  if polledAt and report and #report <= longest then
    bytesLeft = bytesLeft - #report
    if bytesLeft < 0 then break end
    pods[#pods + 1] = { polledAt = tonumber(polledAt), report = report }
  end
end
local dataVersion = loadDataVersion(KEYS[1])
return cjson.encode({
  now = redisNow(), epoch = tonumber(redis.call('HGET', KEYS[3], 'epoch') or '0') or 0,
  lock = observeLock(KEYS[2], KEYS[3]), records = dataVersion and dataVersion.datasets or {},
  size = redis.call('ZCARD', KEYS[4]), pods = pods,
})
