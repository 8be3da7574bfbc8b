-- Extends leases.
-- KEYS: 1 {p}epoch; touches {p}c:*, {p}lease:*.
-- ARGV: 1 epoch and mark, 2 until; then for each lease: contactId, token, dialerId.
-- Returns: for each, 1 if it is kept, 0 if it is lost.
-- Complexity: O(leases * log leases).
-- Repeat: sets the same again.
-- use ledger.lua
-- use records.lua
-- use transitions.lua
-- use calls.lua
local till, ids, kept = tonumber(ARGV[2]), {}, {}
for at = 3, #ARGV, 3 do ids[#ids + 1] = ARGV[at] end
read_contacts(ids)
for at = 3, #ARGV, 3 do
  local id = ARGV[at]
  local record = held_by(id, tonumber(ARGV[at + 1]), ARGV[at + 2])
  if record then
    record[AT] = till
    dirty_contacts[id] = record
    place(P .. 'lease:' .. record[CAMPAIGN], id, till)
  end
  kept[#kept + 1] = record and 1 or 0
end
flush()
return kept
