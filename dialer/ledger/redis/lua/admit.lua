-- Takes contacts in: waiting from the campaign's start, or closed at once. A known contact is left as it is.
-- KEYS: 1 {p}epoch; touches {p}c:*, {p}p:*, {p}f:*, {p}k:*, {p}due:*, {p}loads, {p}out.
-- ARGV: 1 epoch and mark, 2 now; then for each contact: contactId, campaignId, accountId, group and how it was closed at the load ('!': awaits its load's
--   commit), priority, debt, loaded at, rest as JSON,
--   number of phones, the phones.
-- Returns: the mark and, how many were new.
-- Complexity: O(contacts * (phones + log waiting)).
-- Repeat: a contact taken in before is known; only the count of the new is then smaller.
-- use ledger.lua
-- use records.lua
-- use transitions.lua
local now, added, at, ids = tonumber(ARGV[2]), 0, 3, {}
while at <= #ARGV do
  ids[#ids + 1] = ARGV[at]
  at = at + 9 + tonumber(ARGV[at + 8])
end
read_contacts(ids)
local accounts, numbers = {}, {}
at = 3
while at <= #ARGV do
  local size = tonumber(ARGV[at + 8])
  if not contact_of(ARGV[at]) then
    accounts[#accounts + 1] = ARGV[at + 2]
    for phone = 1, size do numbers[#numbers + 1] = ARGV[at + 8 + phone] end
  end
  at = at + 9 + size
end
read_people(accounts, numbers)
at = 3
while at <= #ARGV do
  local id, size = ARGV[at], tonumber(ARGV[at + 8])
  if not contact_of(id) then
    local list = {}
    for phone = 1, size do list[phone] = ARGV[at + 8 + phone] end
    local campaign = campaign_of(ARGV[at + 1])
    local group, closed, why = group_and_closing(ARGV[at + 3])
    local record = {
      'w', ARGV[at + 1], ARGV[at + 2], group, tonumber(ARGV[at + 4]), 0, 0, '', now, false, false, false,
      list, tonumber(ARGV[at + 5]), tonumber(ARGV[at + 6]), 0, '', ARGV[at + 7],
    }
    contacts[id] = record
    local disposition, reason = false, false
    if closed then disposition, reason = closed, why
    elseif record[GROUP] == 'h' then disposition, reason = 'held_out', 'drawn into the hold-out'
    elseif is_paid(record) then disposition, reason = 'paid', 'payment arrived before the first call'
    elseif person_of(record[ACCOUNT])[OPTED_OUT] then disposition, reason = 'suppressed', 'the person opted out before'
    elseif is_suppressed(record, now) then disposition, reason = 'suppressed', NO_PHONE
    elseif decision_on(record) == 'revoked' then disposition, reason = 'invalid', REVOKED
    elseif campaign.mode == 'stopped' then disposition, reason = 'expired', 'the campaign was stopped' end
    count(record[CAMPAIGN], 'contacts', 1)
    -- The last instant that ECMAScript knows: such a contact is never due by itself.
    local awaits = string.sub(ARGV[at + 3], 2, 2) == '!' and decision_on(record) ~= 'committed'
    if disposition then mark_closed(id, record, disposition) else make_waiting(id, record, awaits and 8640000000000000 or campaign.start) end
    list_open(id, record)
    if disposition then tell_closed(id, record, reason, now) end
    added = added + 1
  end
  at = at + 9 + size
end
flush()
return marked(added, added > 0)
