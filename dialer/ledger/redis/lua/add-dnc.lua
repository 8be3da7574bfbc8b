-- Puts phones on the do-not-call list; waiting contacts left without a phone close, calls to the phones are asked to end.
-- KEYS: 1 {p}epoch; touches {p}dnc, {p}f:*, {p}c:*, {p}p:*, {p}k:*, {p}due:*, {p}stops:*, {p}out.
-- ARGV: 1 epoch and mark, 2 now; then for each entry: phone, reason, added at, expires at or ''.
-- Returns: the mark and, {{attemptId, contactId, reason}, ...} of the calls asked to end now.
-- Complexity: O(entries * open contacts of the phone * log waiting).
-- Repeat: sets the same again.
-- use ledger.lua
-- use records.lua
-- use transitions.lua
local now, requests = tonumber(ARGV[2]), {}
for at = 3, #ARGV, 4 do
  block_phone(ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]) or false, now, requests)
end
flush()
return marked(requests, true)
