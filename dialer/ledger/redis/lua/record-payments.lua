-- Notes payments; waiting contacts of the accounts close as paid where their campaign says so, calls are asked to end.
-- KEYS: 1 {p}epoch; touches {p}payment-ids, {p}p:*, {p}c:*, {p}f:*, {p}k:*, {p}due:*, {p}stops:*, {p}out.
-- ARGV: 1 epoch and mark, 2 now; then for each payment: paymentId, accountId, amount, paid at, received at.
-- Returns: the mark and, {{attemptId, contactId, reason}, ...} of the calls asked to end now.
-- Complexity: O(payments * open contacts of the account * log waiting).
-- Repeat: a payment is noted once; calls asked to end before are told by stop-requests.lua.
-- use ledger.lua
-- use records.lua
-- use transitions.lua
local now, requests = tonumber(ARGV[2]), {}
for at = 3, #ARGV, 5 do
  if redis.call('SADD', P .. 'payment-ids', ARGV[at]) == 1 then
    local account = ARGV[at + 1]
    local list = person_changed(account)[PAYMENTS]
    local size = #list
    list[size + 1], list[size + 2], list[size + 3] = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
    for _, id in ipairs(open_of_account(account)) do
      local record = contact_of(id)
      if record and is_paid(record) then
        if record[STATUS] == 'w' then close(id, record, 'paid', 'payment arrived', now)
        else request_stop(id, record, 'paid', requests) end
      end
    end
  end
end
flush()
return marked(requests, true)
