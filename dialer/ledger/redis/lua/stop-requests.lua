-- Calls of a dialer that should end.
-- KEYS: 1 {p}epoch; touches {p}stops:<dialer>.
-- ARGV: 1 epoch and mark, 2 dialerId.
-- Returns: contactId, reason and attemptId joined by a space, ...
-- Complexity: O(requests).
-- Repeat: changes nothing.
-- use ledger.lua
return redis.call('HGETALL', P .. 'stops:' .. ARGV[2])
