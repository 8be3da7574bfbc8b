-- Of what every script begins with: the ledger's prefix, from its epoch key, and the check that the ledger is the one the caller knows.
-- The epoch key is gone if the ledger was lost; while it is rebuilt it names the rebuilder, who alone passes.
local P = string.sub(KEYS[1], 1, -6)
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return redis.error_reply('LEDGER_LOST not the epoch of the caller') end
