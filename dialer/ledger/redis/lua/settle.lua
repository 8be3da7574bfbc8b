-- Ends claims: frees phone and channels, notes the attempt, sets the contact waiting or closed, fills the outbox.
-- KEYS: 1 {p}epoch; touches {p}c:*, {p}p:*, {p}f:*, {p}k:*, {p}channels, {p}due:*, {p}lease:*, {p}stops:*, {p}dnc, {p}out.
-- ARGV: 1 epoch and mark; then for each claim: contactId, token, dialerId, now, 'wait' or 'close', due at or disposition, reason, attempt as
--   JSON ('' if no call was placed), the same as history keeps it, its start, '1' if it was a conversation, '1' if the callee opts
--   out, number of phones to block, and of each: phone, reason, added at, expires at or ''.
-- Returns: the mark and, for each 'settled' or 'lease_lost'.
-- Complexity: O(claims * (phones + channel limits + log contacts)); with an opt-out also the open contacts of the person and the phones.
-- Repeat: the lease ends with the first, the second finds it lost and changes nothing.
-- use ledger.lua
-- use records.lua
-- use transitions.lua
-- use calls.lua
local results, ids, at = {}, {}, 2
while at <= #ARGV do
  ids[#ids + 1] = ARGV[at]
  at = at + 13 + tonumber(ARGV[at + 12]) * 4
end
read_ahead(ids)
at = 2
while at <= #ARGV do
  local id, size = ARGV[at], tonumber(ARGV[at + 12])
  local record = held_by(id, tonumber(ARGV[at + 1]), ARGV[at + 2])
  if record then
    local attempt, blocked = nil, {}
    if ARGV[at + 7] ~= '' then attempt = { ARGV[at + 7], ARGV[at + 8], tonumber(ARGV[at + 9]), ARGV[at + 10] == '1' } end
    for field = 1, size * 4 do blocked[field] = ARGV[at + 12 + field] end
    local wait = ARGV[at + 4] == 'wait'
    end_claim(id, record, attempt, { ARGV[at + 4], wait and tonumber(ARGV[at + 5]) or ARGV[at + 5], ARGV[at + 6] }, ARGV[at + 11] == '1', blocked, tonumber(ARGV[at + 3]))
  end
  results[#results + 1] = record and 'settled' or 'lease_lost'
  at = at + 13 + size * 4
end
flush()
return marked(results, true)
