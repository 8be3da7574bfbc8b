-- Current facts of leased contacts.
-- KEYS: 1 {p}epoch; touches {p}c:*, {p}p:*, {p}f:*.
-- ARGV: 1 epoch and mark; then for each lease: contactId, token, dialerId.
-- Returns: for each, facts as lib/facts.lua gives them; 0 if the lease is lost.
-- Complexity: O(leases * phones).
-- Repeat: changes nothing.
-- use ledger.lua
-- use records.lua
-- use transitions.lua
-- use calls.lua
-- use facts.lua
local found = {}
for at = 2, #ARGV, 3 do
  local record = held_by(ARGV[at], tonumber(ARGV[at + 1]), ARGV[at + 2])
  -- No time is given here: what was blocked when the contact was claimed still is.
  found[#found + 1] = record and facts_of(ARGV[at], record, record[CLAIMED]) or 0
end
return found
