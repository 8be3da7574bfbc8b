-- Defines a campaign or replaces its definition; its mode and the operator's limits stay.
-- KEYS: 1 {p}epoch (every key of the ledger shares its hash tag); touches {p}definitions, {p}definitions-version, {p}k:<campaign>.
-- ARGV: 1 epoch and mark, 2 campaignId, 3 definition as JSON, 4 share of the debt that ends the calls, 5 start in ms.
-- Returns: the mark and, former starts whose waiting contacts are still to be moved (move-start.lua), joined by commas.
-- Complexity: O(1).
-- Repeat: sets the same again; starts not yet moved are told again.
-- use ledger.lua
local key = P .. 'k:' .. ARGV[2]
local known = redis.call('HMGET', key, 'start', 'move')
local former = known[1] or '0'
local moving = {}
for start in string.gmatch(known[2] or '', '[^,]+') do
  if start ~= former and start ~= ARGV[5] then moving[#moving + 1] = start end
end
-- Those taken in before the definition, or under another start.
if former ~= ARGV[5] then moving[#moving + 1] = former
elseif known[2] and string.find(',' .. known[2] .. ',', ',' .. former .. ',', 1, true) then moving[#moving + 1] = former end
local list = table.concat(moving, ',')
redis.call('HSET', key, 'share', ARGV[4], 'start', ARGV[5], 'move', list)
redis.call('HSETNX', key, 'mode', 'running')
if redis.call('HGET', P .. 'definitions', ARGV[2]) ~= ARGV[3] then
  redis.call('HSET', P .. 'definitions', ARGV[2], ARGV[3])
  redis.call('INCR', P .. 'definitions-version')
end
return marked(list, true)
