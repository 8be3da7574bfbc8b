-- Notes an attempt that has ended and that the bus may never have heard of.
-- KEYS: 1 {p}epoch; touches {p}c:*, {p}p:*, {p}f:*, {p}k:*, {p}channels, {p}due:*, {p}lease:*, {p}stops:*, {p}dnc, {p}out.
-- ARGV: 1 epoch and mark, 2 contactId, 3 now, 4 'wait' or 'close', 5 due at or disposition, 6 reason, 7 attempt as JSON, 8 the same as history keeps it,
--   9 attemptId, 10 its beginning in history ('["<id>"'), 11 phone, 12 started at, 13 '1' if it was a conversation, 14 '1' if the callee opts out, 15 ended at.
-- Returns: the mark and, 1; 0 if the attempt is known or the contact is not.
-- Complexity: O(phones + limits + log contacts); with an opt-out also the open contacts of the person and the phone.
-- Repeat: the attempt is known then.
-- use ledger.lua
-- use records.lua
-- use transitions.lua
-- use calls.lua
-- use past-calls.lua
local id, now, started, opts_out = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[12]), ARGV[14] == '1'
local record = contact_of(id)
if not record or string.find(record[HISTORY], ARGV[10], 1, true) then return marked(0) end
local wait = ARGV[4] == 'wait'
local next = { ARGV[4], wait and tonumber(ARGV[5]) or ARGV[5], ARGV[6] }
if record[BEGUN] and record[BEGUN][2] == ARGV[9] then
  local blocked = opts_out and { ARGV[11], 'asked in a call', ARGV[15], '' } or {}
  end_claim(id, record, { ARGV[7], ARGV[8], started, ARGV[13] == '1' }, next, opts_out, blocked, now)
  flush()
  return marked(1, true)
end
count_call(record, { ARGV[11], started, ARGV[13], ARGV[14] })
tell('a', ARGV[7])
local past, is_last = cjson.decode('[' .. record[HISTORY] .. ']'), true
for _, call in ipairs(past) do is_last = is_last and call[5] <= started end
if is_last then
  record[HISTORY] = record[HISTORY] == '' and ARGV[8] or (record[HISTORY] .. ',' .. ARGV[8])
else
  past[#past + 1] = cjson.decode(ARGV[8])
  table.sort(past, function(a, b) return a[5] < b[5] end)
  record[HISTORY] = string.sub(cjson.encode(past), 2, -2)
end
record[ATTEMPTS] = record[ATTEMPTS] + 1
dirty_contacts[id] = record
if record[STATUS] == 'w' then
  if wait and not is_last then next[2] = record[AT] end
  local disposition, reason = next[2], next[3]
  if wait then disposition, reason = override_wait(record, now) end
  if disposition then
    close(id, record, disposition, reason, now)
  else
    leave(id, record)
    make_waiting(id, record, next[2])
  end
end
if opts_out then apply_opt_out(record, ARGV[11], tonumber(ARGV[15]), now) end
flush()
return marked(1, true)
