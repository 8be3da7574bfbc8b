-- Moves waiting contacts that were never called from a campaign's former start to its start, a batch at a time.
-- KEYS: 1 {p}epoch; touches {p}k:<campaign>, {p}due:<campaign>, {p}c:*.
-- ARGV: 1 epoch and mark, 2 campaignId, 3 former start in ms, 4 how many at the former start were looked at and stay, 5 batch size.
-- Returns: the mark and, how many more stay; -1 when all have been looked at.
-- Complexity: O(batch * log waiting).
-- Repeat: a moved contact is no longer found at the former start.
-- use ledger.lua
-- use records.lua
local key, due = P .. 'k:' .. ARGV[2], P .. 'due:' .. ARGV[2]
local start = redis.call('HGET', key, 'start')
local members = ARGV[3] == start and {} or redis.call('ZRANGEBYSCORE', due, ARGV[3], ARGV[3], 'LIMIT', ARGV[4], ARGV[5])
local stay = 0
for _, member in ipairs(members) do
  local id = string.sub(member, 3)
  local record = contact_of(id)
  if record and record[ATTEMPTS] == 0 then
    record[AT] = tonumber(start)
    dirty_contacts[id] = record
    place(due, member, start)
  else
    stay = stay + 1
  end
end
flush()
if #members == tonumber(ARGV[5]) then return marked(stay, true) end
local left = {}
for former in string.gmatch(redis.call('HGET', key, 'move') or '', '[^,]+') do
  if former ~= ARGV[3] then left[#left + 1] = former end
end
redis.call('HSET', key, 'move', table.concat(left, ','))
return marked(-1, true)
