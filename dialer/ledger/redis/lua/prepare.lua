-- Makes an emptied ledger ready to be filled: tokens, marks and outbox numbers go on above those of any ledger before it, by the engine's clock.
-- KEYS: 1 {p}epoch; touches {p}prepared, {p}token, {p}mark, {p}out.
-- ARGV: 1 epoch ('rebuild:...') and mark.
-- Returns: 1.
-- Complexity: O(1).
-- Repeat: what is prepared stays as it is.
-- use ledger.lua
if redis.call('GET', P .. 'prepared') == EPOCH then return 1 end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('MSET', P .. 'token', string.format('%.0f', now), P .. 'mark', string.format('%.0f', now))
redis.call('XGROUP', 'CREATE', P .. 'out', 'bus', '0', 'MKSTREAM')
redis.call('XSETID', P .. 'out', string.format('0-%.0f', now * 1000))
redis.call('SET', P .. 'prepared', EPOCH)
return 1
