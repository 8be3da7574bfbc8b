-- Sets a campaign's mode.
-- KEYS: 1 {p}epoch; touches {p}k:<campaign>, {p}lease:<campaign>.
-- ARGV: 1 epoch, 2 campaignId, 3 mode.
-- Returns: false if the campaign is not defined; contactIds in flight if it is stopped now (for stop-calls.lua), else {}.
-- Complexity: O(1); O(calls under way) for a stop, without reading them.
-- Repeat: sets the same again.
-- use ledger.lua
if redis.call('HEXISTS', P .. 'definitions', ARGV[2]) == 0 then return false end
redis.call('HSET', P .. 'k:' .. ARGV[2], 'mode', ARGV[3])
if ARGV[3] ~= 'stopped' then return {} end
return redis.call('ZRANGE', P .. 'lease:' .. ARGV[2], 0, -1)
