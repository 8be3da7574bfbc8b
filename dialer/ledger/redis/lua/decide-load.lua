-- Decides a load, and treats a batch of the campaign's waiting contacts accordingly: frees those that await the commit, or closes those never called.
-- KEYS: 1 {p}epoch; touches {p}loads, {p}due:<campaign>, {p}lease:<campaign>, {p}c:*, {p}p:*, {p}f:*, {p}k:<campaign>, {p}out.
-- ARGV: 1 epoch and mark, 2 campaignId, 3 loadId, 4 'committed' or 'revoked', 5 now, 6 cursor ('0' at first), 7 batch size, 8 due time of those that await a commit.
-- Returns: the mark and, {next cursor ('0' at the end), freed or closed now, contacts of the load left open}.
-- Complexity: O(batch * phones), and at the end O(contacts in flight).
-- Repeat: who was freed or closed is so; a scan of a changing set tells of all that are in it throughout, and the note treats who comes later.
-- use ledger.lua
-- use records.lua
-- use transitions.lua
local campaign, load, decision, now, held = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[8])
local before = redis.call('HGET', P .. 'loads', load)
if decision == 'committed' and before == 'revoked' then return marked({ '0', 0, 0 }, false) end
if before ~= decision then redis.call('HSET', P .. 'loads', load, decision) end
local found = redis.call('ZSCAN', P .. 'due:' .. campaign, ARGV[6], 'COUNT', ARGV[7])
local ids, own = {}, {}
for at = 1, #found[2], 2 do ids[#ids + 1] = string.sub(found[2][at], 3) end
read_contacts(ids)
for _, id in ipairs(ids) do
  local record = contact_of(id)
  if record and record[STATUS] == 'w' and load_of(record) == load then own[#own + 1] = id end
end
local changed, left = 0, 0
if decision == 'revoked' then read_ahead(own) end
for _, id in ipairs(own) do
  local record = contact_of(id)
  if decision == 'revoked' and record[ATTEMPTS] == 0 then
    close(id, record, 'invalid', REVOKED, now)
    changed = changed + 1
  else
    left = left + 1
    if decision == 'committed' and record[AT] == held then
      leave(id, record)
      make_waiting(id, record, campaign_of(campaign).start)
      changed = changed + 1
    end
  end
end
if found[1] == '0' then
  local flying = redis.call('ZRANGE', P .. 'lease:' .. campaign, 0, -1)
  read_contacts(flying)
  for _, id in ipairs(flying) do
    local record = contact_of(id)
    if record and load_of(record) == load then left = left + 1 end
  end
end
flush()
return marked({ found[1], changed, left }, changed > 0 or before ~= decision)
