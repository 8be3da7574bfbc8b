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

local function nobody() return false end
local function new_person() return { 0, {}, false, false, {}, {} } end
local function new_phone() return { 0, false, false, false, {} } end

-- Records as this script knows them, by name, and their keys: a name of a key costs as much as reading a short record.
local contacts, persons, phones, campaigns = {}, {}, {}, {}
local contact_keys, person_keys, phone_keys = {}, {}, {}
local dirty_contacts, dirty_persons, dirty_phones, counters, channels, channels_taken = {}, {}, {}, {}, {}, {}

local function key_of(keys, kind, name)
  local key = keys[name]
  if key == nil then
    key = P .. kind .. name
    keys[name] = key
  end
  return key
end

local function read_one(known, keys, kind, name, missing)
  local record = known[name]
  if record == nil then
    local text = redis.call('GET', key_of(keys, kind, name))
    record = text and unpack_record(text) or missing()
    known[name] = record
  end
  return record
end

local function contact_of(id) return read_one(contacts, contact_keys, 'c:', id, nobody) end
local function person_of(account) return read_one(persons, person_keys, 'p:', account, new_person) end
local function phone_of(phone) return read_one(phones, phone_keys, 'f:', phone, new_phone) end

-- Reads at once what will be asked for one by one.
local function read_all(known, keys, kind, names, missing)
  local wanted, wanted_keys, size = {}, {}, 0
  for _, name in ipairs(names) do
    if known[name] == nil then
      known[name] = missing()
      size = size + 1
      wanted[size], wanted_keys[size] = name, key_of(keys, kind, name)
    end
  end
  for from = 1, size, 1000 do
    for at, text in ipairs(redis.call('MGET', unpack(wanted_keys, from, math.min(from + 999, size)))) do
      if text then known[wanted[from + at - 1]] = unpack_record(text) end
    end
  end
end

local function read_contacts(ids) read_all(contacts, contact_keys, 'c:', ids, nobody) end
local function read_people(accounts, numbers)
  read_all(persons, person_keys, 'p:', accounts, new_person)
  read_all(phones, phone_keys, 'f:', numbers, new_phone)
end

-- Contacts, then their persons and all their phones.
local function read_ahead(ids)
  read_contacts(ids)
  local accounts, numbers = {}, {}
  for _, id in ipairs(ids) do
    local record = contacts[id]
    if record then
      accounts[#accounts + 1] = record[ACCOUNT]
      for _, phone in ipairs(record[PHONES]) do numbers[#numbers + 1] = phone end
    end
  end
  read_people(accounts, numbers)
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

-- The indexes by time, {p}due:<campaign> and {p}lease:<campaign>, by key: their members and a new time, or false for one that leaves.
local indexed = {}

local function place(index, member, time)
  local own = indexed[index]
  if own == nil then
    own = {}
    indexed[index] = own
  end
  own[member] = time
end

-- Many changes by one command cost Redis, and its append-only file, half of as many commands.
local function flush_index(index, members)
  local added, removed = {}, {}
  for member, time in pairs(members) do
    if time then added[#added + 1], added[#added + 2] = time, member else removed[#removed + 1] = member end
  end
  for from = 1, #added, 1000 do redis.call('ZADD', index, unpack(added, from, math.min(from + 999, #added))) end
  for from = 1, #removed, 1000 do redis.call('ZREM', index, unpack(removed, from, math.min(from + 999, #removed))) end
end

local function flush()
  local pairs_of, size = {}, 0
  local function put_all(dirty, keys, kind)
    for name, record in pairs(dirty) do
      pairs_of[size + 1], pairs_of[size + 2] = key_of(keys, kind, name), pack_record(record)
      size = size + 2
      if size == 1000 then
        redis.call('MSET', unpack(pairs_of, 1, size))
        size = 0
      end
    end
  end
  put_all(dirty_contacts, contact_keys, 'c:')
  put_all(dirty_persons, person_keys, 'p:')
  put_all(dirty_phones, phone_keys, 'f:')
  if size > 0 then redis.call('MSET', unpack(pairs_of, 1, size)) end
  for index, members in pairs(indexed) do flush_index(index, members) end
  for key, by in pairs(channels_taken) do
    if by ~= 0 and redis.call('HINCRBY', P .. 'channels', key, by) <= 0 then redis.call('HDEL', P .. 'channels', key) end
  end
  for campaign, fields in pairs(counters) do
    for field, by in pairs(fields) do
      if by ~= 0 then redis.call('HINCRBY', P .. 'k:' .. campaign, field, by) end
    end
  end
end
