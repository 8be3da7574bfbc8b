-- Records of contacts, persons, phones and campaigns. Each is one MessagePack array under one key, read once and written
-- once a script: `flush()` must end every script that changes anything.
local unpack_record, pack_record = cmsgpack.unpack, cmsgpack.pack

-- A contact: {p}c:<contactId>
local STATUS, CAMPAIGN, ACCOUNT, GROUP, PRIORITY = 1, 2, 3, 4, 5 -- STATUS: 'w'aiting, 'l'eased, 'c'alling, 'x' closed; GROUP: 'c'alled, 'h'eld out
local AT, TOKEN, DIALER, CLAIMED = 6, 7, 8, 9 -- AT: due at, while waiting; leased until, while held
local BEGUN, STOP, DISPOSITION = 10, 11, 12 -- BEGUN: false or {attempt as JSON, attemptId, phone, begunAtMs, channel keys, the phone's call before or false}
local PHONES, DEBT, LOADED, ATTEMPTS, HISTORY, REST = 13, 14, 15, 16, 17, 18 -- HISTORY: past attempts as JSON, joined by commas; REST: what only clients read
-- A person: {p}p:<accountId>. PAYMENTS: amount, paidAtMs, receivedAtMs, ... CONTACTS: contactId, campaignId, open or not, ...
local VERSION, STARTS, TALKED, OPTED_OUT, PAYMENTS, CONTACTS = 1, 2, 3, 4, 5, 6
-- A phone: {p}f:<phone>. ACTIVE: attemptId of the call under way, or false; DNC: false or {reason, addedAtMs, expiresAtMs or false}; OPEN: contactIds
local ACTIVE, LAST, DNC, OPEN = 2, 3, 4, 5

local contacts, persons, phones, campaigns = {}, {}, {}, {}
local dirty_contacts, dirty_persons, dirty_phones, counters = {}, {}, {}, {}

local function contact_of(id)
  local record = contacts[id]
  if record == nil then
    local text = redis.call('GET', P .. 'c:' .. id)
    record = text and unpack_record(text) or false
    contacts[id] = record
  end
  return record
end

local function person_of(account)
  local record = persons[account]
  if record == nil then
    local text = redis.call('GET', P .. 'p:' .. account)
    record = text and unpack_record(text) or { 0, {}, false, false, {}, {} }
    persons[account] = record
  end
  return record
end

local function phone_of(phone)
  local record = phones[phone]
  if record == nil then
    local text = redis.call('GET', P .. 'f:' .. phone)
    record = text and unpack_record(text) or { 0, false, false, false, {} }
    phones[phone] = record
  end
  return record
end

-- mode (false: not defined), share of the debt that ends the calls, start, first call; as strings
local function campaign_of(id)
  local record = campaigns[id]
  if record == nil then
    local found = redis.call('HMGET', P .. 'k:' .. id, 'mode', 'share', 'start', 'first')
    record = { mode = found[1], share = tonumber(found[2] or 1), start = tonumber(found[3] or 0), first = found[4] }
    campaigns[id] = record
  end
  return record
end

local function person_changed(account)
  local record = person_of(account)
  record[VERSION] = record[VERSION] + 1
  dirty_persons[account] = record
  return record
end

local function phone_changed(phone)
  local record = phone_of(phone)
  record[VERSION] = record[VERSION] + 1
  dirty_phones[phone] = record
  return record
end

local function count(campaign, field, by)
  local own = counters[campaign]
  if own == nil then
    own = {}
    counters[campaign] = own
  end
  own[field] = (own[field] or 0) + by
end

local function flush()
  for id, record in pairs(dirty_contacts) do redis.call('SET', P .. 'c:' .. id, pack_record(record)) end
  for account, record in pairs(dirty_persons) do redis.call('SET', P .. 'p:' .. account, pack_record(record)) end
  for phone, record in pairs(dirty_phones) do
    -- A phone nobody knows anything of needs no record, but its version must not start again while a claim remembers it.
    redis.call('SET', P .. 'f:' .. phone, pack_record(record))
  end
  for campaign, fields in pairs(counters) do
    for field, by in pairs(fields) do
      if by ~= 0 then redis.call('HINCRBY', P .. 'k:' .. campaign, field, by) end
    end
  end
end
