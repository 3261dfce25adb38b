--[[
Renews the lease, if it is still the caller's. Never recreates a lock that is gone.

KEYS[1] leader_lock  string, PX  podId#epoch
KEYS[2] lease        hash        epoch, …

ARGV[1] podId
ARGV[2] epoch
ARGV[3] ttlMs  ms

Returns 1 when renewed, 0 when lost.
PEXPIRE, not SET: it works when Redis is out of memory, and it can't create anything.
]]
-- @include holder

if not isHolder(KEYS[1], KEYS[2], ARGV[1], ARGV[2]) then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[3])
