-- The oldest items of the outbox that no other reader has: those handed out too long ago, then new ones. They are hidden from others for a while.
-- KEYS: 1 {p}epoch; touches {p}out (a stream, its consumer group 'bus').
-- ARGV: 1 epoch and mark, 2 limit, 3 how long items are hidden, in ms.
-- Returns: {{id, {kind, JSON}}, ...}; an id is 0-<seq>.
-- Complexity: O(limit + items handed out).
-- Repeat: items of an answer that was lost are handed out again when their time has passed.
-- use ledger.lua
local limit, items = tonumber(ARGV[2]), {}
for _, item in ipairs(redis.call('XAUTOCLAIM', P .. 'out', 'bus', 'relay', ARGV[3], '0-0', 'COUNT', limit)[2]) do items[#items + 1] = item end
if #items < limit then
  local found = redis.call('XREADGROUP', 'GROUP', 'bus', 'relay', 'COUNT', limit - #items, 'STREAMS', P .. 'out', '>')
  if found then
    for _, item in ipairs(found[1][2]) do items[#items + 1] = item end
  end
end
return items
