-- A page of the do-not-call list, by phone.
-- KEYS: 1 {p}epoch; touches {p}dnc, {p}f:*.
-- ARGV: 1 epoch and mark, 2 '-' or '(' and the last phone of the page before, 3 page size.
-- Returns: {{phone, reason, added at, expires at or ''}, ...}.
-- Complexity: O(log list + page).
-- Repeat: changes nothing.
-- use ledger.lua
-- use records.lua
local page = {}
for at, phone in ipairs(redis.call('ZRANGEBYLEX', P .. 'dnc', ARGV[2], '+', 'LIMIT', 0, ARGV[3])) do
  local entry = phone_of(phone)[DNC]
  page[at] = { phone, entry[1], entry[2], entry[3] or '' }
end
return page
