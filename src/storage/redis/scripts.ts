/**
 * What Redis does in one step, as Lua scripts. Every key is named in KEYS and shares the account's
 * hash tag. Numbers beyond 2^53 never occur: positions and tokens are microseconds since 1970.
 */
import { createHash } from 'node:crypto';

export interface Script {
	readonly source: string;
	readonly sha: string;
}

export const script = (source: string): Script => ({
	source,
	sha: createHash('sha1').update(source).digest('hex'),
});

/** Server time in microseconds, as a number and as text. */
const TIME = `
local function micros() local t = redis.call('TIME') return tonumber(t[1]) * 1000000 + tonumber(t[2]) end
local function text(n) return string.format('%.0f', n) end
`;

/** Refuses the write unless the lease is held under this token now. '' = no fence. */
export const FENCE = `
local function fenced(lease, token)
  if token == '' then return nil end
  if redis.call('HGET', lease, 'token') == token then return nil end
  return redis.error_reply('LEASELOST this lease is not held any more')
end
`;

/**
 * KEYS lease, journal, journal order, journal count, keys to set, keys to delete
 * ARGV token, #set, #delete, #put, #drop, values to set, id and value to put, ids to drop
 */
export const WRITE = script(`${FENCE}
local lost = fenced(KEYS[1], ARGV[1])
if lost then return lost end
local sets, deletes, puts, drops = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local a = 6
for i = 1, sets do redis.call('SET', KEYS[4 + i], ARGV[a]) a = a + 1 end
for i = 1, deletes do redis.call('DEL', KEYS[4 + sets + i]) end
for _ = 1, puts do
  if redis.call('HSET', KEYS[2], ARGV[a], ARGV[a + 1]) == 1 then
    redis.call('ZADD', KEYS[3], redis.call('INCR', KEYS[4]), ARGV[a])
  end
  a = a + 2
end
for _ = 1, drops do
  redis.call('HDEL', KEYS[2], ARGV[a])
  redis.call('ZREM', KEYS[3], ARGV[a])
  a = a + 1
end
return 1
`);

/** KEYS journal, journal order; ARGV after (score), limit. Returns score, id, value ... */
export const JOURNAL_PAGE = script(`
local page = redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2])
local found = {}
for i = 1, #page, 2 do
  found[#found + 1] = page[i + 1]
  found[#found + 1] = page[i]
  found[#found + 1] = redis.call('HGET', KEYS[1], page[i])
end
return found
`);

/**
 * Dedupe keys are remembered by the first half of their SHA-1, with +inf while their entry is there.
 * KEYS lease, inbox, last, seen, journal, journal order
 * ARGV token, channel, #drop, ids to drop, key and value of each entry
 */
export const APPEND = script(`${FENCE}${TIME}
local lost = fenced(KEYS[1], ARGV[1])
if lost then return lost end
local drops = tonumber(ARGV[3])
local now = micros()
local last = tonumber(redis.call('GET', KEYS[3]) or '0')
local seqs, any = {}, false
for a = 4 + drops, #ARGV, 2 do
  local mark = string.sub(redis.sha1hex(ARGV[a]), 1, 20)
  local till = redis.call('ZSCORE', KEYS[4], mark)
  if till and (till == 'inf' or tonumber(till) * 1000 > now) then
    seqs[#seqs + 1] = ''
  else
    last = math.max(last + 1, now)
    local seq = text(last)
    redis.call('XADD', KEYS[2], seq .. '-0', 'k', ARGV[a], 't', text(math.floor(now / 1000)), 'v', ARGV[a + 1])
    redis.call('ZADD', KEYS[4], '+inf', mark)
    seqs[#seqs + 1] = seq
    any = true
  end
end
for i = 1, drops do
  redis.call('HDEL', KEYS[5], ARGV[3 + i])
  redis.call('ZREM', KEYS[6], ARGV[3 + i])
end
if any then
  redis.call('SET', KEYS[3], text(last))
  redis.call('PUBLISH', ARGV[2], cjson.encode({ 'a', text(last) }))
end
return seqs
`);

/**
 * Removes up to `limit` old entries, oldest first; call it until it removes fewer.
 * KEYS inbox, seen; ARGV before (ms), how long to keep dedupe keys (ms), limit
 */
export const TRIM = script(`${TIME}
local now = math.floor(micros() / 1000)
local gone = 0
for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', ARGV[3])) do
  local fields = entry[2]
  if tonumber(fields[4]) >= tonumber(ARGV[1]) then break end
  redis.call('XDEL', KEYS[1], entry[1])
  redis.call('ZADD', KEYS[2], text(now + tonumber(ARGV[2])), string.sub(redis.sha1hex(fields[2]), 1, 20))
  gone = gone + 1
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', text(now))
return gone
`);

/** KEYS cursors, deliveries; ARGV trigger, seq. A late, stale call never moves a cursor back. */
export const SET_CURSOR = script(`
local now = redis.call('HGET', KEYS[1], ARGV[1])
if now and now ~= '~' and ARGV[2] < now then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
for _, seq in ipairs(redis.call('HKEYS', KEYS[2])) do
  if seq <= ARGV[2] then redis.call('HDEL', KEYS[2], seq) end
end
return 1
`);

/** The delivery, or false when the cursor has passed it; makes the trigger known. */
const DELIVERY = `${TIME}
local function delivery(trigger, seq)
  redis.call('HSETNX', KEYS[1], trigger, '~')
  local cursor = redis.call('HGET', KEYS[1], trigger)
  if cursor ~= '~' and seq <= cursor then return false end
  local held = redis.call('HGET', KEYS[2], seq)
  return held and cjson.decode(held) or {}
end
local function keep(seq, held)
  held.at = math.floor(micros() / 1000)
  redis.call('HSET', KEYS[2], seq, cjson.encode(held))
end
`;

// The three below follow storage/deliveries.ts.

/**
 * KEYS cursors, deliveries; ARGV trigger, seq, attempt, process, execution, over
 * Returns 0 = done, 1 = ours, 2 = taken
 */
export const EMITTED = script(`${DELIVERY}
local held, attempt = delivery(ARGV[1], ARGV[2]), tonumber(ARGV[3])
if not held or held.state == 'done' then return 0 end
if held.attempt == attempt and held.state == 'emitted' then
  return (held.process == ARGV[4] and held.execution == ARGV[5]) and 1 or 2
end
if held.attempt and held.attempt >= attempt then return 2 end
if held.state == 'claimed' and held.attempt > tonumber(ARGV[6]) then return 2 end
keep(ARGV[2], { state = 'emitted', attempt = attempt, process = ARGV[4], execution = ARGV[5] })
return 1
`);

/** KEYS cursors, deliveries, claims; ARGV trigger, seq, attempt, process, execution, channel */
export const CLAIM = script(`${DELIVERY}
local held, attempt = delivery(ARGV[1], ARGV[2]), tonumber(ARGV[3])
if not held or held.state == 'done' or (held.attempt and held.attempt > attempt) then return 0 end
if held.attempt == attempt and held.state == 'claimed' then
  return (held.process == ARGV[4] and held.execution == ARGV[5]) and 1 or 0
end
keep(ARGV[2], { state = 'claimed', attempt = attempt, process = ARGV[4], execution = ARGV[5] })
local id = redis.call('XADD', KEYS[3], 'MAXLEN', '~', 1000, '*', 't', ARGV[1], 's', ARGV[2])
redis.call('PUBLISH', ARGV[6], cjson.encode({ 'c', id, ARGV[1], ARGV[2] }))
return 1
`);

/** KEYS cursors, deliveries; ARGV trigger, seq, attempt. Returns 0 when a later attempt has it. */
export const DONE = script(`${DELIVERY}
local held, attempt = delivery(ARGV[1], ARGV[2]), tonumber(ARGV[3])
if not held or held.state == 'done' then return 1 end
if held.attempt and held.attempt > attempt then return 0 end
held.state = 'done'
held.attempt = held.attempt or attempt
keep(ARGV[2], held)
return 1
`);

/**
 * Tokens only grow. They start from the time, so that a Redis that lost its data never gives out a
 * token again that an old holder may still write with.
 * KEYS lease, last token; ARGV holder, ttl (ms). Returns token | '', holder, ms left
 */
export const ACQUIRE = script(`${TIME}
local holder = redis.call('HGET', KEYS[1], 'holder')
if holder and holder ~= ARGV[1] then return { '', holder, redis.call('PTTL', KEYS[1]) } end
local token = holder and redis.call('HGET', KEYS[1], 'token')
if not token then
  token = text(math.max(tonumber(redis.call('GET', KEYS[2]) or '0') + 1, micros()))
  redis.call('SET', KEYS[2], token)
  redis.call('HSET', KEYS[1], 'holder', ARGV[1], 'token', token)
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return { token, ARGV[1], ARGV[2] }
`);

/** Makes the token of the lease void and keeps its holder. KEYS lease, last token; ARGV ttl (ms) */
export const KEEP_OUT = script(`${TIME}
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('HSET', KEYS[1], 'holder', '') end
local token = text(math.max(tonumber(redis.call('GET', KEYS[2]) or '0') + 1, micros()))
redis.call('HSET', KEYS[1], 'token', token)
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
`);

/** KEYS lease; ARGV token, ttl (ms) */
export const RENEW = script(`
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
`);

/** KEYS lease, time of the last release; ARGV token, channel */
export const RELEASE = script(`${TIME}
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
local at = text(micros())
redis.call('SET', KEYS[2], at)
redis.call('PUBLISH', ARGV[2], cjson.encode({ 'r', at }))
return 1
`);

/** KEYS fact; ARGV value, ttl (ms) or ''. Returns the value that was there. */
export const SET_IF_ABSENT = script(`
local held = redis.call('GET', KEYS[1])
if held then return held end
if ARGV[2] == '' then redis.call('SET', KEYS[1], ARGV[1])
else redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return false
`);

/** KEYS lease, facts; ARGV token, value and ttl (ms, or '') of each */
export const SET_MANY = script(`${FENCE}
local lost = fenced(KEYS[1], ARGV[1])
if lost then return lost end
for i = 2, #KEYS do
  local value, ttl = ARGV[2 * i - 2], ARGV[2 * i - 1]
  if ttl == '' then redis.call('SET', KEYS[i], value)
  else redis.call('SET', KEYS[i], value, 'PX', ttl) end
end
return 1
`);

/** KEYS fact; ARGV by, ttl (ms) or '' */
export const INCREMENT = script(`
local isNew = redis.call('EXISTS', KEYS[1]) == 0
local value = redis.call('INCRBY', KEYS[1], ARGV[1])
if isNew and ARGV[2] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return value
`);

/**
 * What listeners may have missed. ARGV is the id of the last claim known, '' for claims of the last
 * ten seconds. KEYS inbox last, time of the last release, claims.
 * Returns time, last, release, and id, trigger, seq of each claim.
 */
export const MISSED = script(`${TIME}
local now = micros()
local from = ARGV[1] ~= '' and ARGV[1] or (text(now / 1000 - 10000) .. '-0')
local found = { text(now), redis.call('GET', KEYS[1]) or '', redis.call('GET', KEYS[2]) or '' }
for _, claim in ipairs(redis.call('XRANGE', KEYS[3], from, '+', 'COUNT', 1000)) do
  found[#found + 1] = claim[1]
  found[#found + 1] = claim[2][2]
  found[#found + 1] = claim[2][4]
end
return found
`);
