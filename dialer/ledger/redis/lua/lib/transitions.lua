-- The moves of one contact between its states, with the indexes, counters and the outbox that go along. Needs records.lua.
local function due_member(id, record) return (9 - record[PRIORITY]) .. ':' .. id end

-- What `contactArgs` writes of a group: 'h' or 'c', and for a contact closed at its load ':disposition:reason' behind it.
local function group_and_closing(text)
  local disposition, reason = string.match(text, '^.:(%a+):(.*)$')
  return string.sub(text, 1, 1), disposition or false, reason or false
end

-- Takes the contact out of the index of its state, and of the count.
local function leave(id, record)
  local status = record[STATUS]
  if status == 'w' then
    place(P .. 'due:' .. record[CAMPAIGN], due_member(id, record), false)
    count(record[CAMPAIGN], 'waiting', -1)
  elseif status ~= 'x' then
    place(P .. 'lease:' .. record[CAMPAIGN], id, false)
    count(record[CAMPAIGN], 'inFlight', -1)
  end
end

local function forget_stop(id, record)
  if record[STOP] then
    redis.call('HDEL', P .. 'stops:' .. record[DIALER], id)
    record[STOP] = false
  end
end

local function make_waiting(id, record, due)
  record[STATUS], record[AT], record[DIALER], record[BEGUN] = 'w', due, '', false
  place(P .. 'due:' .. record[CAMPAIGN], due_member(id, record), due)
  count(record[CAMPAIGN], 'waiting', 1)
  dirty_contacts[id] = record
end

local function tell(kind, json) redis.call('XADD', P .. 'out', '0-*', kind, json) end

-- Puts a contact into, or takes it out of, the lists by which payments and opt-outs find it.
local function list_open(id, record)
  local person = person_of(record[ACCOUNT])
  local list = person[CONTACTS]
  local size = #list
  list[size + 1], list[size + 2], list[size + 3] = id, record[CAMPAIGN], record[STATUS] ~= 'x'
  dirty_persons[record[ACCOUNT]] = person
  if record[STATUS] == 'x' then return end
  for _, phone in ipairs(record[PHONES]) do
    local own = phone_of(phone)
    own[OPEN][#own[OPEN] + 1] = id
    dirty_phones[phone] = own
  end
end

local function list_closed(id, record)
  local person = person_of(record[ACCOUNT])
  local list = person[CONTACTS]
  for at = 1, #list, 3 do
    if list[at] == id then list[at + 2] = false end
  end
  dirty_persons[record[ACCOUNT]] = person
  for _, phone in ipairs(record[PHONES]) do
    local own = phone_of(phone)
    for at = #own[OPEN], 1, -1 do
      if own[OPEN][at] == id then table.remove(own[OPEN], at) end
    end
    dirty_phones[phone] = own
  end
end

-- Makes the record a closed one, outside every index; the caller has taken it out of the index it was in.
local function mark_closed(id, record, disposition)
  forget_stop(id, record)
  record[STATUS], record[DISPOSITION], record[BEGUN], record[DIALER], record[AT] = 'x', disposition, false, '', 0
  count(record[CAMPAIGN], 'closed:' .. disposition, 1)
  dirty_contacts[id] = record
end

local function tell_closed(id, record, reason, now)
  tell('c', cjson.encode({
    contactId = id, campaignId = record[CAMPAIGN], accountId = record[ACCOUNT], group = record[GROUP] == 'h' and 'held_out' or 'called',
    disposition = record[DISPOSITION], reason = reason, attempts = record[ATTEMPTS], closedAtMs = now,
  }))
end

-- Closes a contact known to the ledger, for ever, and tells the bus.
local function close(id, record, disposition, reason, now)
  leave(id, record)
  mark_closed(id, record, disposition)
  list_closed(id, record)
  tell_closed(id, record, reason, now)
end

-- Money paid for the account that counts for a contact: paid, or told to us, since it was loaded.
local function payments_for(record)
  local has, sum, list = false, 0, person_of(record[ACCOUNT])[PAYMENTS]
  for at = 1, #list, 3 do
    if list[at + 1] >= record[LOADED] or list[at + 2] >= record[LOADED] then
      has = has or list[at] > 0
      sum = sum + list[at]
    end
  end
  return has, sum
end

-- As isPaid of rules/paid.ts; false while the campaign is not defined.
local function is_paid(record)
  local campaign = campaign_of(record[CAMPAIGN])
  if not campaign.mode then return false end
  local has, sum = payments_for(record)
  return has and sum > 0 and sum >= record[DEBT] * campaign.share
end

-- The do-not-call reason that holds at `now`, or false.
local function dnc_reason(phone, now)
  local entry = phone_of(phone)[DNC]
  if not entry or (entry[3] and entry[3] <= now) then return false end
  return entry[1]
end

local function is_suppressed(record, now)
  for _, phone in ipairs(record[PHONES]) do
    if not dnc_reason(phone, now) then return false end
  end
  return true
end

local NO_PHONE = 'every phone is on the do-not-call list'

local REVOKED = 'load revoked'
local function load_of(record) return cjson.decode(record[REST])[7] end

-- What was decided of a contact's load, or false. Most ledgers were never told of any.
local any_decided = nil
local function decision_on(record)
  if any_decided == nil then any_decided = redis.call('EXISTS', P .. 'loads') == 1 end
  return any_decided and redis.call('HGET', P .. 'loads', load_of(record))
end

-- What overrides a `wait`: money, an opt-out, the do-not-call list, a load taken back or a stop that came meanwhile. Disposition and reason, or false.
local function override_wait(record, now)
  if is_paid(record) then return 'paid', 'payment arrived' end
  if person_of(record[ACCOUNT])[OPTED_OUT] then return 'opted_out', 'asked not to be called' end
  if is_suppressed(record, now) then return 'suppressed', NO_PHONE end
  if record[ATTEMPTS] == 0 and decision_on(record) == 'revoked' then return 'invalid', REVOKED end
  if campaign_of(record[CAMPAIGN]).mode == 'stopped' then return 'expired', 'the campaign was stopped' end
  return false
end

-- Asks the dialer that holds a call to end it; notes it in `requests`. Nothing if no call is under way, or it was asked before.
local function request_stop(id, record, reason, requests)
  if not record[BEGUN] or record[STOP] then return end
  record[STOP] = reason
  dirty_contacts[id] = record
  redis.call('HSET', P .. 'stops:' .. record[DIALER], id, reason .. ' ' .. record[BEGUN][2])
  requests[#requests + 1] = { record[BEGUN][2], id, reason }
end

local function open_of_account(account)
  local ids, list = {}, person_of(account)[CONTACTS]
  for at = 1, #list, 3 do
    if list[at + 2] then ids[#ids + 1] = list[at] end
  end
  return ids
end

-- Puts a phone on the do-not-call list; contacts left without a phone close, a call to it is asked to end.
local function block_phone(phone, reason, added, expires, now, requests)
  local own = phone_changed(phone)
  own[DNC] = { reason, added, expires }
  redis.call('ZADD', P .. 'dnc', 0, phone)
  if expires and expires <= now then return end
  local ids = {}
  for at, id in ipairs(own[OPEN]) do ids[at] = id end
  for _, id in ipairs(ids) do
    local record = contact_of(id)
    if record and record[STATUS] == 'w' then
      if is_suppressed(record, now) then close(id, record, 'suppressed', NO_PHONE, now) end
    elseif record and record[BEGUN] and record[BEGUN][3] == phone then
      request_stop(id, record, 'opted_out', requests)
    end
  end
end
