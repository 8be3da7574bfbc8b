-- Opens a rebuilt ledger.
-- KEYS: 1 {p}epoch; touches {p}claims-from, {p}mark.
-- ARGV: 1 'rebuild:...' as the caller has it, 2 'open:...' as it will be, 3 nothing is claimed before this time, 4 mark of the caller's last restore.
-- Returns: 1; 0 if the right to rebuild is not the caller's. The ledger is lost again if some of what the caller restored is not there.
-- Complexity: O(1).
-- Repeat: what the caller opened is open.
local known = redis.call('GET', KEYS[1])
if known == ARGV[2] then return 1 end
if known ~= ARGV[1] then return 0 end
if tonumber(redis.call('GET', string.sub(KEYS[1], 1, -6) .. 'mark') or 0) < tonumber(ARGV[4]) then
  redis.call('DEL', KEYS[1])
  return redis.error_reply('LEDGER_LOST an older copy')
end
redis.call('SET', string.sub(KEYS[1], 1, -6) .. 'claims-from', ARGV[3])
redis.call('SET', KEYS[1], ARGV[2])
return 1
