-- Gives a dialer the lease of a call that goes on although the ledger forgot it.
-- KEYS: 1 {p}epoch; touches {p}token, {p}c:<contact>, {p}p:*, {p}f:*, {p}k:*, {p}channels, {p}due:*, {p}lease:*.
-- ARGV: 1 epoch and mark, 2 contactId, 3 dialerId, 4 leased until, 5 attempt as JSON, 6 attemptId, 7 its beginning in history ('["<id>"'), 8 phone,
--   9 begun at, 10... keys of the channel limits it takes from.
-- Returns: the mark and, the token; 0 if the contact is unknown, closed, held otherwise, or the attempt has ended.
-- Complexity: O(phones + limits + log contacts).
-- Repeat: the same call of the same dialer keeps its token.
-- use ledger.lua
-- use records.lua
-- use transitions.lua
-- use past-calls.lua
local id, dialer, till, attempt, begun_at = ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[6], tonumber(ARGV[9])
local record = contact_of(id)
if not record then return marked(0) end
if record[STATUS] == 'c' and record[DIALER] == dialer and record[BEGUN][2] == attempt then
  record[AT] = math.max(record[AT], till)
  dirty_contacts[id] = record
  place(P .. 'lease:' .. record[CAMPAIGN], id, record[AT])
  flush()
  return marked(record[TOKEN], true)
end
if record[STATUS] ~= 'w' or string.find(record[HISTORY], ARGV[7], 1, true) then return marked(0) end
local keys = {}
for at = 10, #ARGV do
  -- The call is there whatever the caps say.
  take_channel(ARGV[at], 1)
  keys[#keys + 1] = ARGV[at]
end
local phone = phone_changed(ARGV[8])
leave(id, record)
record[STATUS], record[AT], record[TOKEN], record[DIALER], record[CLAIMED] = 'c', till, redis.call('INCR', P .. 'token'), dialer, begun_at
record[BEGUN] = { ARGV[5], attempt, ARGV[8], begun_at, keys, phone[LAST] }
dirty_contacts[id] = record
place(P .. 'lease:' .. record[CAMPAIGN], id, till)
count(record[CAMPAIGN], 'inFlight', 1)
phone[ACTIVE], phone[LAST] = phone[ACTIVE] or attempt, math.max(phone[LAST] or 0, begun_at)
count_start(record[ACCOUNT], begun_at)
count(record[CAMPAIGN], 'attempts', 1)
note_first_call(record[CAMPAIGN], begun_at)
flush()
return marked(record[TOKEN], true)
