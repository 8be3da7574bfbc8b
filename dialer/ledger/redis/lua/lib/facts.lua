-- What the rules need to know of a contact, as a reply: see readFacts in replies.ts. Needs records.lua and transitions.lua.
local function facts_of(id, record, now)
  local person = person_of(record[ACCOUNT])
  local numbers = {}
  for at, phone in ipairs(record[PHONES]) do
    local own = phone_of(phone)
    local reason = dnc_reason(phone, now)
    numbers[at] = { phone, own[LAST] or '', own[ACTIVE] and 1 or 0, reason and ('+' .. reason) or '', own[VERSION] }
  end
  local has, sum = payments_for(record)
  return {
    id, record[CAMPAIGN], record[ACCOUNT], record[GROUP], record[PRIORITY], record[DEBT], record[LOADED], record[REST], record[HISTORY],
    table.concat(person[STARTS], ','), person[TALKED] or '', person[OPTED_OUT] and 1 or 0, person[VERSION], has and 1 or 0, sum, numbers,
  }
end
