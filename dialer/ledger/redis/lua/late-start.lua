-- Granted starts left only later: the caps count them there.
-- KEYS: 1 {p}epoch; touches {p}starts:*.
-- ARGV: 1 epoch and mark; then for each start and key: key, number, started at.
-- Returns: 1.
-- Complexity: O(starts).
-- Repeat: a start is only moved forward; one too old to be kept is left alone.
-- use ledger.lua
-- use starts.lua
for at = 2, #ARGV, 3 do
  local ring, number, started = ring_of(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  if number <= ring.granted and number > ring.base and number > ring.granted - RING and time_of(ring, number) < started then
    redis.call('SETRANGE', ring.name, offset_of(number), struct.pack('>d', started))
  end
end
return 1
