-- One contact by account.
-- KEYS: 1 {p}epoch; touches {p}p:<account>, {p}c:*, {p}f:*.
-- ARGV: 1 epoch and mark, 2 campaignId, 3 accountId.
-- Returns: {status or disposition, due at or '', facts as lib/facts.lua gives them}; false if unknown.
-- Complexity: O(contacts of the account + phones).
-- Repeat: changes nothing.
-- use ledger.lua
-- use records.lua
-- use transitions.lua
-- use facts.lua
local list, id = person_of(ARGV[3])[CONTACTS], false
for at = 1, #list, 3 do
  if list[at + 1] == ARGV[2] then id = list[at] end
end
local record = id and contact_of(id)
if not record then return false end
return { record[DISPOSITION] or record[STATUS], record[STATUS] == 'w' and record[AT] or '', facts_of(id, record, record[CLAIMED]) }
