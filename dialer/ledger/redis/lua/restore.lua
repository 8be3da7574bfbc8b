-- Puts contacts back with what is known of their calls, and keeps the right to rebuild. What has ended since the bus was told closes now.
-- KEYS: 1 {p}epoch; touches {p}c:*, {p}p:*, {p}f:*, {p}k:*, {p}due:*, {p}dnc, {p}out.
-- ARGV: 1 epoch and mark, 2 now, 3 for how long the right is kept, in ms; then for each contact: contactId, campaignId, accountId, group and how it was closed at the load, priority,
--   debt, loaded at, rest as JSON, number of phones, the phones, disposition or '', due at, history as JSON, number of calls, and of each:
--   phone, started at, '1' if a conversation, '1' if the callee opted out, ended at.
-- Returns: the mark and, how many were put back now.
-- Complexity: O(contacts * (phones + calls + log waiting)).
-- Repeat: a contact put back before is left as it is.
-- use ledger.lua
-- use records.lua
-- use transitions.lua
-- use past-calls.lua
redis.call('PEXPIRE', KEYS[1], ARGV[3])
local now, restored, at = tonumber(ARGV[2]), 0, 4
while at <= #ARGV do
  local id, size = ARGV[at], tonumber(ARGV[at + 8])
  local list = {}
  for phone = 1, size do list[phone] = ARGV[at + 8 + phone] end
  local rest = at + 9 + size
  local calls = tonumber(ARGV[rest + 3])
  if not contact_of(id) then
    local group, closed, why = group_and_closing(ARGV[at + 3])
    local record = {
      'w', ARGV[at + 1], ARGV[at + 2], group, tonumber(ARGV[at + 4]), 0, 0, '', now, false, false, false,
      list, tonumber(ARGV[at + 5]), tonumber(ARGV[at + 6]), calls, ARGV[rest + 2], ARGV[at + 7],
    }
    contacts[id] = record
    for call = 0, calls - 1 do
      local from = rest + 4 + call * 5
      count_call(record, { ARGV[from], tonumber(ARGV[from + 1]), ARGV[from + 2], ARGV[from + 3] })
    end
    local disposition, reason = ARGV[rest], false
    if disposition == '' then
      disposition = false
      if closed then disposition, reason = closed, why
      elseif record[GROUP] == 'h' then disposition, reason = 'held_out', 'drawn into the hold-out'
      else disposition, reason = override_wait(record, now) end
    end
    count(record[CAMPAIGN], 'contacts', 1)
    if disposition then mark_closed(id, record, disposition) else make_waiting(id, record, tonumber(ARGV[rest + 1])) end
    list_open(id, record)
    if reason then tell_closed(id, record, reason, now) end
    for call = 0, calls - 1 do
      local from = rest + 4 + call * 5
      if ARGV[from + 3] == '1' then apply_opt_out(record, ARGV[from], tonumber(ARGV[from + 4]), now) end
    end
    restored = restored + 1
  end
  at = rest + 4 + calls * 5
end
flush()
return marked(restored, true)
