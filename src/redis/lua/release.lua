--[[
Gives the lease back: compare and delete, then announce.

KEYS[1] leader_lock  string, PX  podId#epoch

ARGV[1] podId
ARGV[2] epoch
ARGV[3] channel of announcements

Returns 1 when released, 0 when it was not the caller's any more.
The epoch in `lease` stays: it never falls.
]]
if redis.call('GET', KEYS[1]) ~= ARGV[1] .. '#' .. ARGV[2] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[3], cjson.encode({ kind = 'released', podId = ARGV[1], epoch = tonumber(ARGV[2]) }))
return 1
