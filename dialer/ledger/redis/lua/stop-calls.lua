-- Asks that the calls of contacts be ended because their campaign is stopped.
-- KEYS: 1 {p}epoch; touches {p}c:*, {p}stops:*, {p}k:*.
-- ARGV: 1 epoch and mark, 2... contactIds.
-- Returns: the mark and, how many were asked now.
-- Complexity: O(contacts).
-- Repeat: a call is asked once; a campaign that runs again meanwhile is left alone.
-- use ledger.lua
-- use records.lua
-- use transitions.lua
local requests = {}
for at = 2, #ARGV do
  local record = contact_of(ARGV[at])
  if record and campaign_of(record[CAMPAIGN]).mode == 'stopped' then request_stop(ARGV[at], record, 'stopped', requests) end
end
flush()
return marked(#requests, #requests > 0)
