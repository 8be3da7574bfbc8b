-- A campaign's counts.
-- KEYS: 1 {p}epoch; touches {p}k:<campaign>, {p}due:<campaign>.
-- ARGV: 1 epoch and mark, 2 campaignId, 3 now.
-- Returns: {counters as field, value, ..., due now, earliest due time or ''}.
-- Complexity: O(log waiting).
-- Repeat: changes nothing.
-- use ledger.lua
local first = redis.call('ZRANGE', P .. 'due:' .. ARGV[2], 0, 0, 'WITHSCORES')
return { redis.call('HGETALL', P .. 'k:' .. ARGV[2]), redis.call('ZCOUNT', P .. 'due:' .. ARGV[2], '-inf', ARGV[3]), first[2] or '' }
