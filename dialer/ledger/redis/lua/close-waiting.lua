-- Closes waiting contacts of a campaign, a batch at a time.
-- KEYS: 1 {p}epoch; touches {p}due:<campaign>, {p}c:*, {p}p:*, {p}f:*, {p}k:<campaign>, {p}out.
-- ARGV: 1 epoch and mark, 2 campaignId, 3 disposition, 4 reason, 5 now, 6 batch size.
-- Returns: the mark and, how many were closed.
-- Complexity: O(batch * log waiting).
-- Repeat: a closed contact waits no more; only the count is then smaller.
-- use ledger.lua
-- use records.lua
-- use transitions.lua
local members = redis.call('ZRANGE', P .. 'due:' .. ARGV[2], 0, tonumber(ARGV[6]) - 1)
for _, member in ipairs(members) do
  local id = string.sub(member, 3)
  close(id, contact_of(id), ARGV[3], ARGV[4], tonumber(ARGV[5]))
end
flush()
return marked(#members, #members > 0)
