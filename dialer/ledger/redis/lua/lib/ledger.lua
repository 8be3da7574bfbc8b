-- Of what every script begins with: the ledger's prefix, from its epoch key, and the check that the ledger is the one the caller knows.
-- The epoch key is gone if the ledger was lost; while it is rebuilt it names the rebuilder, who alone passes. ARGV[1] is `epoch#mark`: {p}mark
-- grows with every change that a caller is told of, and the caller's is that of the last answer it had. A smaller one here belongs to an older
-- copy of the data (a replica that fell behind, a file of yesterday): what is missing was promised to somebody, so the ledger is lost.
local P = string.sub(KEYS[1], 1, -6)
local EPOCH, SEEN = string.match(ARGV[1], '^(.*)#(%d+)$')
local known = redis.call('MGET', KEYS[1], P .. 'mark')
local MARK = known[2] or '0'
if known[1] ~= EPOCH then return redis.error_reply('LEDGER_LOST not the epoch of the caller') end
if tonumber(MARK) < tonumber(SEEN) then
  redis.call('DEL', KEYS[1])
  return redis.error_reply('LEDGER_LOST an older copy')
end

-- The answer of a script that may change what must not be forgotten.
local function marked(reply, changed)
  return { changed and redis.call('INCR', P .. 'mark') or MARK, reply }
end
