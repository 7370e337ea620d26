/** What of the history Redis does in one step. Every key is named in KEYS. */
import { FENCE, script } from './scripts';

/** KEYS chats, names, last number; ARGV make ('1' to give numbers), chats. Returns numbers, '' for none. */
export const NUMBERS = script(`
local found = {}
for i = 2, #ARGV do
  local n = redis.call('HGET', KEYS[1], ARGV[i])
  if not n and ARGV[1] == '1' then
    n = redis.call('INCR', KEYS[3])
    redis.call('HSET', KEYS[1], ARGV[i], n)
    redis.call('HSET', KEYS[2], n, ARGV[i])
  end
  found[i - 1] = n and tostring(n) or ''
end
return found
`);

/**
 * The blocks in which messages are, or into which positions fall (the first block for earlier ones).
 * KEYS order, blocks, bucket of each id; ARGV number of the chat, #ids, ids, positions
 * Returns the version of the chat's blocks, the last number of a block, the number of the newest block
 * or '', how many blocks follow; number, first position, content of each.
 */
export const FETCH = script(`
local ids = tonumber(ARGV[2])
local wanted, order = {}, {}
local function want(block)
  if wanted[block] then return end
  wanted[block] = true
  order[#order + 1] = block
end
for i = 1, ids do
  local value = redis.call('HGET', KEYS[2 + i], ARGV[2 + i])
  if value then
    for chat, block in string.gmatch(value, '(%w+)%.(%w+)') do
      if chat == ARGV[1] then want(block) end
    end
  end
end
for i = 3 + ids, #ARGV do
  local at = redis.call('ZREVRANGEBYSCORE', KEYS[1], ARGV[i], '-inf', 'LIMIT', 0, 1)
  if #at == 0 then at = redis.call('ZRANGE', KEYS[1], 0, 0) end
  if #at > 0 then want(at[1]) end
end
local found = {
  redis.call('HGET', KEYS[2], '#') or '0', redis.call('HGET', KEYS[2], '#last') or '0',
  redis.call('ZRANGE', KEYS[1], -1, -1)[1] or '', tostring(#order)
}
for _, block in ipairs(order) do
  found[#found + 1] = block
  found[#found + 1] = redis.call('ZSCORE', KEYS[1], block) or '0'
  found[#found + 1] = redis.call('HGET', KEYS[2], block) or ''
end
return found
`);

/**
 * Writes blocks, if nobody has changed them since they were fetched: then 1, otherwise 0.
 * KEYS lease, chats, names, order, blocks, bucket of each id
 * ARGV token, chat, number, version, moves ('1' when blocks come, go or move), last number of a block,
 *   #checks: block, beginning of its content; #new: the first of the ids, in no block yet; #puts: block, first position, content, size;
 *   #deletes: block; #ids: id, block or '' to forget it
 */
export const STORE = script(`${FENCE}
local lost = fenced(KEYS[1], ARGV[1])
if lost then return lost end
local chat, number = ARGV[2], ARGV[3]
if redis.call('HGET', KEYS[2], chat) ~= number then return 0 end
if (redis.call('HGET', KEYS[5], '#') or '0') ~= ARGV[4] then return 0 end
local a = 7
local function next() a = a + 1 return ARGV[a - 1] end
for _ = 1, tonumber(next()) do
  local block, head = next(), next()
  if string.sub(redis.call('HGET', KEYS[5], block) or '', 1, #head) ~= head then return 0 end
end
for i = 1, tonumber(next()) do
  for each in string.gmatch(redis.call('HGET', KEYS[5 + i], next()) or '', '%S+') do
    if string.match(each, '^%w+') == number then return 0 end
  end
end
if ARGV[5] == '1' then
  redis.call('HINCRBY', KEYS[5], '#', 1)
  redis.call('HSET', KEYS[5], '#last', ARGV[6])
end
for _ = 1, tonumber(next()) do
  local block, first, content, size = next(), next(), next(), next()
  redis.call('ZADD', KEYS[4], first, block)
  redis.call('HSET', KEYS[5], block, content, '#' .. block, size)
end
for _ = 1, tonumber(next()) do
  local block = next()
  redis.call('ZREM', KEYS[4], block)
  redis.call('HDEL', KEYS[5], block, '#' .. block)
end
for i = 1, tonumber(next()) do
  local id, block = next(), next()
  local bucket, kept = KEYS[5 + i], {}
  for each in string.gmatch(redis.call('HGET', bucket, id) or '', '%S+') do
    if string.match(each, '^%w+') ~= number then kept[#kept + 1] = each end
  end
  if block ~= '' then kept[#kept + 1] = number .. '.' .. block end
  if #kept == 0 then redis.call('HDEL', bucket, id)
  else redis.call('HSET', bucket, id, table.concat(kept, ' ')) end
end
if redis.call('EXISTS', KEYS[4]) == 0 then
  redis.call('DEL', KEYS[5])
  redis.call('HDEL', KEYS[2], chat)
  redis.call('HDEL', KEYS[3], number)
end
return 1
`);

/**
 * Blocks in order. KEYS order, blocks; ARGV
 *   'before', first position of a block, how many: those before it, the newest first; or
 *   'at', position, how many: from the one in which this position would be, the oldest first; or
 *   'after', first position of a block, how many: those after it, the oldest first.
 * Returns number, first position, content of each.
 */
export const PAGE = script(`
local blocks
if ARGV[1] == 'before' then
  blocks = redis.call('ZREVRANGEBYSCORE', KEYS[1], '(' .. ARGV[2], '-inf', 'WITHSCORES', 'LIMIT', 0, ARGV[3])
else
  local from = '(' .. ARGV[2]
  if ARGV[1] == 'at' then
    local at = redis.call('ZREVRANGEBYSCORE', KEYS[1], ARGV[2], '-inf', 'WITHSCORES', 'LIMIT', 0, 1)
    from = at[2] or '-inf'
  end
  blocks = redis.call('ZRANGEBYSCORE', KEYS[1], from, '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[3])
end
local found = {}
for i = 1, #blocks, 2 do
  found[#found + 1] = blocks[i]
  found[#found + 1] = blocks[i + 1]
  found[#found + 1] = redis.call('HGET', KEYS[2], blocks[i]) or ''
end
return found
`);

/** Sizes of the blocks, oldest first. KEYS order, blocks. Returns block, first position, size of each. */
export const SIZES = script(`
local found = {}
local blocks = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 1, #blocks, 2 do
  found[#found + 1] = blocks[i]
  found[#found + 1] = blocks[i + 1]
  found[#found + 1] = redis.call('HGET', KEYS[2], '#' .. blocks[i]) or '0'
end
return found
`);

/** KEYS lease, entries, times; ARGV token, then id, time, value of each */
export const SET_ENTRIES = script(`${FENCE}
local lost = fenced(KEYS[1], ARGV[1])
if lost then return lost end
for a = 2, #ARGV, 3 do
  redis.call('HSET', KEYS[2], ARGV[a], ARGV[a + 2])
  redis.call('ZADD', KEYS[3], ARGV[a + 1], ARGV[a])
end
return 1
`);

/** KEYS lease, entries, times; ARGV token, ids */
export const REMOVE_ENTRIES = script(`${FENCE}
local lost = fenced(KEYS[1], ARGV[1])
if lost then return lost end
for a = 2, #ARGV do
  redis.call('HDEL', KEYS[2], ARGV[a])
  redis.call('ZREM', KEYS[3], ARGV[a])
end
return 1
`);

/** KEYS entries, times; ARGV ids. Returns time and value of each, '' for none. */
export const GET_ENTRIES = script(`
local found = {}
for _, id in ipairs(ARGV) do
  found[#found + 1] = redis.call('ZSCORE', KEYS[2], id) or ''
  found[#found + 1] = redis.call('HGET', KEYS[1], id) or ''
end
return found
`);

/** KEYS entries, times; ARGV id and time after which, '' for the beginning, limit. Returns id, time, value. */
export const LIST_ENTRIES = script(`
local start = 0
if ARGV[2] ~= '' then
  if redis.call('ZSCORE', KEYS[2], ARGV[1]) == ARGV[2] then
    start = redis.call('ZREVRANK', KEYS[2], ARGV[1]) + 1
  else start = redis.call('ZCOUNT', KEYS[2], '(' .. ARGV[2], '+inf') end
end
local found = {}
local page = redis.call('ZREVRANGE', KEYS[2], start, start + tonumber(ARGV[3]) - 1, 'WITHSCORES')
for i = 1, #page, 2 do
  found[#found + 1] = page[i]
  found[#found + 1] = page[i + 1]
  found[#found + 1] = redis.call('HGET', KEYS[1], page[i]) or ''
end
return found
`);
