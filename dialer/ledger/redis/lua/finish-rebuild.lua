-- Opens a rebuilt ledger.
-- KEYS: 1 {p}epoch; touches {p}claims-from.
-- ARGV: 1 'rebuild:...' as the caller has it, 2 'open:...' as it will be, 3 nothing is claimed before this time.
-- Returns: 1; 0 if the right to rebuild is not the caller's.
-- Complexity: O(1).
-- Repeat: what the caller opened is open.
local known = redis.call('GET', KEYS[1])
if known == ARGV[2] then return 1 end
if known ~= ARGV[1] then return 0 end
redis.call('SET', string.sub(KEYS[1], 1, -6) .. 'claims-from', ARGV[3])
redis.call('SET', KEYS[1], ARGV[2])
return 1
