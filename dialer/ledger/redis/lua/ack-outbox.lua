-- Removes from the outbox what the bus has.
-- KEYS: 1 {p}epoch; touches {p}out.
-- ARGV: 1 epoch and mark, 2... ids, 0-<seq>.
-- Returns: how many were there.
-- Complexity: O(ids).
-- Repeat: an item removed before is not there.
-- use ledger.lua
redis.call('XACK', P .. 'out', 'bus', unpack(ARGV, 2))
return redis.call('XDEL', P .. 'out', unpack(ARGV, 2))
