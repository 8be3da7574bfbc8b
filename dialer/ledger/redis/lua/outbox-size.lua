-- How many items the bus has not yet.
-- KEYS: 1 {p}epoch; touches {p}out.
-- ARGV: 1 epoch and mark.
-- Returns: the number.
-- Complexity: O(1).
-- Repeat: changes nothing.
-- use ledger.lua
return redis.call('XLEN', P .. 'out')
