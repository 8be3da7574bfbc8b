-- Writes attempts down before their INVITEs.
-- KEYS: 1 {p}epoch; touches {p}c:*, {p}p:*, {p}f:*, {p}k:*, {p}channels.
-- ARGV: 1 epoch and mark; then for each attempt: contactId, token, dialerId, attempt as JSON, attemptId, phone, begun at, the person's version and
--   the phone's as the caller saw them ('' for a phone not among the contact's), start of the oldest call that still counts,
--   number of channel limits, key and maximum of each.
-- Returns: the mark and, for each 'begun', 'conflict', 'lease_lost', or 'no_channel ' and the limit.
-- Complexity: O(attempts * (limits + the person's calls in 31 days)).
-- Repeat: an attempt begun before is begun again and counted once.
-- use ledger.lua
-- use records.lua
-- use transitions.lua
-- use calls.lua
local results, ids, at = {}, {}, 2

local function begin(id, size)
  local attempt, begun_at = ARGV[at + 4], tonumber(ARGV[at + 6])
  local record = held_by(id, tonumber(ARGV[at + 1]), ARGV[at + 2])
  if not record then return 'lease_lost' end
  if record[BEGUN] then return record[BEGUN][2] == attempt and 'begun' or 'lease_lost' end
  if record[AT] <= begun_at then return 'lease_lost' end
  local campaign = campaign_of(record[CAMPAIGN])
  if campaign.mode ~= 'running' then return 'no_channel campaign is ' .. (campaign.mode or 'not defined') end
  local person, phone = person_of(record[ACCOUNT]), phone_of(ARGV[at + 5])
  if person[VERSION] ~= tonumber(ARGV[at + 7]) or phone[ACTIVE] or phone[VERSION] ~= tonumber(ARGV[at + 8]) then return 'conflict' end
  local keys = {}
  for limit = 1, size do
    local key = ARGV[at + 9 + limit * 2]
    keys[limit] = key
    if channels_of(key) >= tonumber(ARGV[at + 10 + limit * 2]) then return 'no_channel ' .. key end
  end
  for _, key in ipairs(keys) do take_channel(key, 1) end

  record[STATUS] = 'c'
  record[BEGUN] = { ARGV[at + 3], attempt, ARGV[at + 5], begun_at, keys, phone[LAST] }
  dirty_contacts[id] = record
  person_changed(record[ACCOUNT])
  local starts, oldest = {}, tonumber(ARGV[at + 9])
  for _, start in ipairs(person[STARTS]) do
    if start > oldest then starts[#starts + 1] = start end
  end
  starts[#starts + 1] = begun_at
  table.sort(starts)
  person[STARTS] = starts
  phone_changed(ARGV[at + 5])
  phone[ACTIVE], phone[LAST] = attempt, math.max(phone[LAST] or 0, begun_at)
  count(record[CAMPAIGN], 'attempts', 1)
  if not campaign.first then
    redis.call('HSETNX', P .. 'k:' .. record[CAMPAIGN], 'first', ARGV[at + 6])
    campaign.first = ARGV[at + 6]
  end
  return 'begun'
end

while at <= #ARGV do
  ids[#ids + 1] = ARGV[at]
  at = at + 11 + tonumber(ARGV[at + 10]) * 2
end
read_ahead(ids)
at = 2
while at <= #ARGV do
  local size = tonumber(ARGV[at + 10])
  results[#results + 1] = begin(ARGV[at], size)
  at = at + 11 + size * 2
end
flush()
return marked(results, true)
