-- Takes phones off the do-not-call list.
-- KEYS: 1 {p}epoch; touches {p}dnc, {p}f:*.
-- ARGV: 1 epoch and mark, 2... phones.
-- Returns: the mark and, how many were on it.
-- Complexity: O(phones * log list).
-- Repeat: a phone taken off before is not on it; only the count is then smaller.
-- use ledger.lua
-- use records.lua
local removed = 0
for at = 2, #ARGV do
  if redis.call('ZREM', P .. 'dnc', ARGV[at]) == 1 then
    phone_changed(ARGV[at])[DNC] = false
    removed = removed + 1
  end
end
flush()
return marked(removed, true)
