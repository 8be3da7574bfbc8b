-- Takes or keeps the right to rebuild a lost ledger.
-- KEYS: 1 {p}epoch; touches {p}prepared.
-- ARGV: 1 'rebuild:' and the caller's name for this rebuild, 2 for how long, in ms.
-- Returns: 2 if the caller has it and what is there is its own; 1 if it has it and what is there must be wiped; 0 if the ledger is open or another has it.
-- Complexity: O(1).
-- Repeat: who has the right keeps it for longer.
local known = redis.call('GET', KEYS[1])
if known and known ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return redis.call('GET', string.sub(KEYS[1], 1, -6) .. 'prepared') == ARGV[1] and 2 or 1
