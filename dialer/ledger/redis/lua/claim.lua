-- Leases contacts: first those whose lease ran out, then, if the campaign runs, those due, by due time, priority and id.
-- KEYS: 1 {p}epoch; touches {p}claims-from, {p}token, {p}c:*, {p}p:*, {p}f:*, {p}k:<campaign>, {p}due:<campaign>, {p}lease:<campaign>, {p}stops:*, {p}out.
-- ARGV: 1 epoch and mark, 2 campaignId, 3 dialerId, 4 limit, 5 now, 6 leased until.
-- Returns: the mark and, {{token, begun attempt as JSON or '', facts as facts.lua gives them}, ...}.
-- Complexity: O(limit * (phones + log contacts)).
-- Repeat: contacts given to an answer that was lost come again when their lease runs out.
-- use ledger.lua
-- use records.lua
-- use transitions.lua
-- use facts.lua
local campaign, dialer, limit, now, till = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
-- Half of the contacts may be there without their calls.
if string.sub(EPOCH, 1, 5) ~= 'open:' then return marked({}) end
local from = redis.call('GET', P .. 'claims-from')
if from and now < tonumber(from) then return marked({}) end
local mode = campaign_of(campaign).mode or 'paused'
local due, lease = P .. 'due:' .. campaign, P .. 'lease:' .. campaign
local given, moved = {}, {}

for _, id in ipairs(redis.call('ZRANGEBYSCORE', lease, '-inf', now, 'LIMIT', 0, limit + 200)) do
  if #given >= limit then break end
  local record = contact_of(id)
  if record and (record[BEGUN] or mode == 'running') then
    given[#given + 1] = id
  elseif record then
    -- Its dialer died before it began a call, and its campaign does not run.
    local disposition, reason = override_wait(record, now)
    if disposition then close(id, record, disposition, reason, now)
    else
      leave(id, record)
      make_waiting(id, record, now)
    end
  end
end
if mode == 'running' and #given < limit then
  moved = redis.call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, limit - #given)
  for _, member in ipairs(moved) do given[#given + 1] = string.sub(member, 3) end
  if #moved > 0 then
    for _, member in ipairs(moved) do place(due, member, false) end
    count(campaign, 'waiting', -#moved)
    count(campaign, 'inFlight', #moved)
  end
end
local claims = {}
if #given > 0 then
  read_ahead(given)
  local token = redis.call('INCRBY', P .. 'token', #given) - #given
  for at, id in ipairs(given) do
    local record = contact_of(id)
    forget_stop(id, record)
    record[STATUS] = record[BEGUN] and 'c' or 'l'
    record[AT], record[TOKEN], record[DIALER], record[CLAIMED] = till, token + at, dialer, now
    dirty_contacts[id] = record
    place(lease, id, till)
    claims[at] = { token + at, record[BEGUN] and record[BEGUN][1] or '', facts_of(id, record, now) }
  end
end
flush()
return marked(claims, #given > 0)
