-- Forgets an account: its contacts end, told as suppressed; then their records, the person's and those of phones nobody else has are gone.
-- KEYS: 1 {p}epoch; touches {p}p:<account>, {p}c:*, {p}f:*, {p}due:*, {p}k:*, {p}out.
-- ARGV: 1 epoch and mark, 2 accountId, 3 reason, 4 now.
-- Returns: the mark and, how many contacts were forgotten; -1 if a dialer has one in hand (nothing is changed then).
-- Complexity: O(contacts of the account * log waiting).
-- Repeat: an account forgotten before has no contacts.
-- use ledger.lua
-- use records.lua
-- use transitions.lua
local list, ids = person_of(ARGV[2])[CONTACTS], {}
for at = 1, #list, 3 do
  local record = contact_of(list[at])
  if record then
    if record[STATUS] == 'l' or record[STATUS] == 'c' then return marked(-1, false) end
    ids[#ids + 1] = list[at]
  end
end
local numbers = {}
for _, id in ipairs(ids) do
  local record = contact_of(id)
  for _, phone in ipairs(record[PHONES]) do numbers[phone] = true end
  if record[STATUS] == 'w' then close(id, record, 'suppressed', ARGV[3], tonumber(ARGV[4])) end
end
flush()
for _, id in ipairs(ids) do redis.call('DEL', P .. 'c:' .. id) end
redis.call('DEL', P .. 'p:' .. ARGV[2])
for phone in pairs(numbers) do
  local own = phone_of(phone)
  if not own[ACTIVE] and not own[DNC] and #own[OPEN] == 0 then redis.call('DEL', P .. 'f:' .. phone) end
end
return marked(#ids, true)
