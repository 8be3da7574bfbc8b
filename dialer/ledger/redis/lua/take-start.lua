-- Grants one call start if every limit allows it soon enough, from all of them or none. The arithmetic is that of rules/rate-limiter.ts.
-- KEYS: 1 {p}epoch; touches {p}starts:*.
-- ARGV: 1 epoch and mark, 2 now, 3 how far ahead a start is granted, 4 guard, 5 catch-up, 6 closest, 7 burst (ms; closest in periods), 8 a last start
--   so much later than now was left by another clock; then for each limit: key, maximum a second.
-- Returns: {granted or not, slot in ms, rounded up, number of the start under each key, ...}.
-- Complexity: O(limits).
-- Repeat: takes another start; the one of an answer that was lost is not used.
-- use ledger.lua
-- use starts.lua
local now, ahead, guard = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local catch_up, closest, burst, foreign = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local slot, rings = now, {}
for at = 9, #ARGV, 2 do
  local cap = tonumber(ARGV[at + 1])
  if not (cap > 0) then return { 0, string.format('%.0f', math.ceil(now + 1000)) } end
  local ring = ring_of(ARGV[at])
  if cap > RING then cap = RING end
  local starts = math.ceil(cap)
  ring.span = starts / cap * 1000
  ring.period = (ring.span + guard) / starts
  if ring.granted > ring.base then
    ring.last = time_of(ring, ring.granted)
    if ring.last > now + foreign then
      ring.base, ring.closest, ring.next, ring.last = ring.granted, 0, 0, nil
    else
      slot = math.max(slot, ring.last, math.min(ring.closest, ring.last + closest * ring.period), math.min(ring.next, ring.last + ring.period))
      if ring.granted - ring.base >= starts then slot = math.max(slot, time_of(ring, ring.granted - starts + 1) + ring.span + guard) end
    end
  end
  rings[#rings + 1] = ring
end
local rounded = math.ceil(slot)
local reply = { rounded <= now + ahead and 1 or 0, string.format('%.0f', rounded) }
if reply[1] == 0 then return reply end
for at, ring in ipairs(rings) do
  local idle = ring.last == nil or now - ring.last > ring.span
  ring.closest = (idle and slot or math.max(ring.closest, slot - burst)) + closest * ring.period
  ring.next = (idle and slot or math.max(ring.next, slot - catch_up)) + ring.period
  ring.granted = ring.granted + 1
  redis.call('SETRANGE', ring.name, 0, struct.pack('>dddd', ring.granted, ring.base, ring.closest, ring.next))
  redis.call('SETRANGE', ring.name, offset_of(ring.granted), struct.pack('>d', slot))
  reply[at + 2] = string.format('%.0f', ring.granted)
end
return reply
