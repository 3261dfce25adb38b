--[[
Takes a pod that stops off the list.

KEYS[1] pods          sorted set  podId by time of its last poll
KEYS[2] pods:order    sorted set  podId by time of its first poll
KEYS[3] pods:reports  hash        podId -> report

ARGV[1] podId

Returns 1 when it was listed, else 0.
]]
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1])
return redis.call('ZREM', KEYS[1], ARGV[1])
