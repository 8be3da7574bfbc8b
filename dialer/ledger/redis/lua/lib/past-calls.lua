-- Calls of before a rebuild: counted against person, phone and campaign. Needs records.lua and transitions.lua.
local MONTH = 31 * 86400000

local function note_first_call(campaign, started)
  local known = campaign_of(campaign)
  if not known.mode or (known.first and tonumber(known.first) <= started) then return end
  redis.call('HSET', P .. 'k:' .. campaign, 'first', started)
  known.first = started
end

local function count_start(account, started)
  local person = person_changed(account)
  local starts = person[STARTS]
  starts[#starts + 1] = started
  table.sort(starts)
  local kept, oldest = {}, starts[#starts] - MONTH
  for _, start in ipairs(starts) do
    if start > oldest then kept[#kept + 1] = start end
  end
  person[STARTS] = kept
end

-- `call`: phone, startedAtMs, '1' if it was a conversation, '1' if the callee opted out.
local function count_call(record, call)
  count_start(record[ACCOUNT], call[2])
  local person = person_of(record[ACCOUNT])
  if call[3] == '1' then person[TALKED] = math.max(person[TALKED] or 0, call[2]) end
  if call[4] == '1' then person[OPTED_OUT] = true end
  local phone = phone_changed(call[1])
  phone[LAST] = math.max(phone[LAST] or 0, call[2])
  count(record[CAMPAIGN], 'attempts', 1)
  note_first_call(record[CAMPAIGN], call[2])
end

-- Ends the person's contacts and blocks the phone, as asked in a call that ended at `ended`.
local function apply_opt_out(record, phone, ended, now)
  local requests = {}
  for _, id in ipairs(open_of_account(record[ACCOUNT])) do
    local own = contact_of(id)
    if own and own[STATUS] == 'w' then close(id, own, 'opted_out', 'asked not to be called', now)
    elseif own then request_stop(id, own, 'opted_out', requests) end
  end
  block_phone(phone, 'asked in a call', ended, false, now, requests)
end
