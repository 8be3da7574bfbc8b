-- Every campaign's state; the definitions only if they changed.
-- KEYS: 1 {p}epoch; touches {p}definitions, {p}definitions-version, {p}k:*.
-- ARGV: 1 epoch and mark, 2 version of the definitions the caller has.
-- Returns: {version, {campaignId, definition, ...} or {} if the version is the caller's, {{campaignId, mode, CPS, channels, first call at}, ...}}; '' for what is not set.
-- Complexity: O(campaigns).
-- Repeat: changes nothing.
-- use ledger.lua
local version = redis.call('GET', P .. 'definitions-version') or '0'
local states = {}
for _, id in ipairs(redis.call('HKEYS', P .. 'definitions')) do
  local found = redis.call('HMGET', P .. 'k:' .. id, 'mode', 'cps', 'channels', 'first')
  states[#states + 1] = { id, found[1] or 'running', found[2] or '', found[3] or '', found[4] or '' }
end
return { version, version == ARGV[2] and {} or redis.call('HGETALL', P .. 'definitions'), states }
