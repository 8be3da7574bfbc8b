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
local dirty_contacts, dirty_persons, dirty_phones, counters, channels, channels_taken = {}, {}, {}, {}, {}, {}

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

local function read_into(known, kind, names, missing)
  local keys, wanted = {}, {}
  for _, name in ipairs(names) do
    if known[name] == nil then
      known[name] = missing()
      wanted[#wanted + 1] = name
      keys[#keys + 1] = P .. kind .. name
    end
  end
  for from = 1, #keys, 1000 do
    for at, text in ipairs(redis.call('MGET', unpack(keys, from, math.min(from + 999, #keys)))) do
      if text then known[wanted[from + at - 1]] = unpack_record(text) end
    end
  end
end

-- Reads at once what will be asked for one by one: contacts, then their persons and all their phones.
local function read_ahead(ids)
  read_into(contacts, 'c:', ids, function() return false end)
  local accounts, numbers = {}, {}
  for _, id in ipairs(ids) do
    local record = contacts[id]
    if record then
      accounts[#accounts + 1] = record[ACCOUNT]
      for _, phone in ipairs(record[PHONES]) do numbers[#numbers + 1] = phone end
    end
  end
  read_into(persons, 'p:', accounts, function() return { 0, {}, false, false, {}, {} } end)
  read_into(phones, 'f:', numbers, function() return { 0, false, false, false, {} } end)
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

-- Calls at once under a limit's key, and one more or less of them.
local function channels_of(key)
  local known = channels[key]
  if known == nil then
    known = tonumber(redis.call('HGET', P .. 'channels', key) or 0)
    channels[key] = known
  end
  return known
end

local function take_channel(key, by)
  channels[key] = channels_of(key) + by
  channels_taken[key] = (channels_taken[key] or 0) + by
end

local function flush()
  -- One MSET of many records costs Redis, and its append-only file, half of as many SETs.
  local pairs_of, size = {}, 0
  local function put(kind, id, record)
    pairs_of[size + 1], pairs_of[size + 2] = P .. kind .. id, pack_record(record)
    size = size + 2
    if size == 1000 then
      redis.call('MSET', unpack(pairs_of, 1, size))
      size = 0
    end
  end
  for id, record in pairs(dirty_contacts) do put('c:', id, record) end
  for account, record in pairs(dirty_persons) do put('p:', account, record) end
  for phone, record in pairs(dirty_phones) do put('f:', phone, record) end
  if size > 0 then redis.call('MSET', unpack(pairs_of, 1, size)) end
  for key, by in pairs(channels_taken) do
    if by ~= 0 and redis.call('HINCRBY', P .. 'channels', key, by) <= 0 then redis.call('HDEL', P .. 'channels', key) end
  end
  for campaign, fields in pairs(counters) do
    for field, by in pairs(fields) do
      if by ~= 0 then redis.call('HINCRBY', P .. 'k:' .. campaign, field, by) end
    end
  end
end
