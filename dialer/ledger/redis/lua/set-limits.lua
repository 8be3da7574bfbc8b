-- Sets an operator's limits over a campaign's definition.
-- KEYS: 1 {p}epoch; touches {p}k:<campaign>, {p}definitions.
-- ARGV: 1 epoch and mark, 2 campaignId, 3 calls per second or '', 4 channels or ''.
-- Returns: the mark and, 1; 0 if the campaign is not defined.
-- Complexity: O(1).
-- Repeat: sets the same again.
-- use ledger.lua
if redis.call('HEXISTS', P .. 'definitions', ARGV[2]) == 0 then return marked(0) end
if ARGV[3] ~= '' then redis.call('HSET', P .. 'k:' .. ARGV[2], 'cps', ARGV[3]) end
if ARGV[4] ~= '' then redis.call('HSET', P .. 'k:' .. ARGV[2], 'channels', ARGV[4]) end
return marked(1, true)
