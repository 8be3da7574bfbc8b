-- A contact held by a dialer: the check of its lease, and the end of a claim. Needs records.lua and transitions.lua.
local function held_by(id, token, dialer)
  local record = contact_of(id)
  if not record or (record[STATUS] ~= 'l' and record[STATUS] ~= 'c') then return false end
  if record[TOKEN] ~= token or record[DIALER] ~= dialer then return false end
  return record
end

-- Frees the phone and the channels of the call begun; takes back what was counted for it if no call was placed (`started` is false).
local function end_call(record, started, talked)
  local begun = record[BEGUN]
  for _, key in ipairs(begun[5]) do take_channel(key, -1) end
  local phone = phone_changed(begun[3])
  if phone[ACTIVE] == begun[2] then phone[ACTIVE] = false end
  if started then
    phone[LAST] = math.max(phone[LAST] or 0, started)
    if talked then
      local person = person_changed(record[ACCOUNT])
      person[TALKED] = math.max(person[TALKED] or 0, started)
    end
  else
    phone[LAST] = begun[6]
    local person = person_changed(record[ACCOUNT])
    for at, start in ipairs(person[STARTS]) do
      if start == begun[4] then
        table.remove(person[STARTS], at)
        break
      end
    end
    count(record[CAMPAIGN], 'attempts', -1)
  end
  record[BEGUN] = false
end

-- Ends the claim of a held contact. `attempt`: nil, or {json, past as JSON, startedAtMs, talked}; `next`: {'wait', dueAtMs} or
-- {'close', disposition, reason}; `blocked`: flat list of phone, reason, addedAtMs, expiresAtMs or ''.
local function end_claim(id, record, attempt, next, opts_out, blocked, now)
  local requests = {}
  if record[BEGUN] then end_call(record, attempt and attempt[3], attempt and attempt[4]) end
  if attempt then
    record[HISTORY] = record[HISTORY] == '' and attempt[2] or (record[HISTORY] .. ',' .. attempt[2])
    record[ATTEMPTS] = record[ATTEMPTS] + 1
    tell('a', attempt[1])
  end
  if opts_out then person_changed(record[ACCOUNT])[OPTED_OUT] = true end
  local disposition, reason = next[2], next[3]
  if next[1] == 'wait' then disposition, reason = override_wait(record, now) end
  if disposition then
    close(id, record, disposition, reason, now)
  else
    leave(id, record)
    forget_stop(id, record)
    make_waiting(id, record, next[2])
  end
  if not opts_out then return end
  -- The person's contacts in other campaigns end with this one, then whoever shares the phones.
  for _, other in ipairs(open_of_account(record[ACCOUNT])) do
    local own = contact_of(other)
    if own and own[STATUS] == 'w' then close(other, own, 'opted_out', 'asked not to be called', now)
    elseif own then request_stop(other, own, 'opted_out', requests) end
  end
  for at = 1, #blocked, 4 do
    block_phone(blocked[at], blocked[at + 1], tonumber(blocked[at + 2]), tonumber(blocked[at + 3]) or false, now, requests)
  end
end
