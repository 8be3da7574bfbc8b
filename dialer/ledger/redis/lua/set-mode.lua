-- Sets a campaign's mode.
-- KEYS: 1 {p}epoch; touches {p}k:<campaign>, {p}lease:<campaign>.
-- ARGV: 1 epoch and mark, 2 campaignId, 3 mode.
-- Returns: the mark and, false if the campaign is not defined; contactIds in flight if it is stopped now (for stop-calls.lua), else {}.
-- Complexity: O(1); O(calls under way) for a stop, without reading them.
-- Repeat: sets the same again.
-- use ledger.lua
if redis.call('HEXISTS', P .. 'definitions', ARGV[2]) == 0 then return marked(false) end
redis.call('HSET', P .. 'k:' .. ARGV[2], 'mode', ARGV[3])
if ARGV[3] ~= 'stopped' then return marked({}, true) end
return marked(redis.call('ZRANGE', P .. 'lease:' .. ARGV[2], 0, -1), true)
