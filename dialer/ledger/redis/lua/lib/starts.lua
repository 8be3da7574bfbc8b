-- The ring of call starts under one cap, one string: granted in all, granted before the ring was begun anew, closestAtMs and nextAtMs of
-- rules/rate-limiter.ts, then RING times by number; doubles of 8 bytes. Needs ledger.lua.
local RING, HEADER = 8192, 32

local function ring_of(key)
  local name = P .. 'starts:' .. key
  local header = redis.call('GETRANGE', name, 0, HEADER - 1)
  if #header < HEADER then return { name = name, granted = 0, base = 0, closest = 0, next = 0 } end
  local granted, base, closest, next = struct.unpack('>dddd', header)
  return { name = name, granted = granted, base = base, closest = closest, next = next }
end

local function offset_of(number) return HEADER + (number % RING) * 8 end

local function time_of(ring, number)
  local from = offset_of(number)
  return (struct.unpack('>d', redis.call('GETRANGE', ring.name, from, from + 7)))
end
