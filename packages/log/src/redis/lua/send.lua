#!lua
--[[
  Accepts a command once: appends its entries and starts its run. Makes the session if there is none.

  Input:
    KEYS[1] meta
    KEYS[2] log
    KEYS[3] commands
    KEYS[4] ended
    KEYS[5] items
    KEYS[6] ids
    KEYS[7] marks
    KEYS[8] lease of the run, if there is one
    ARGV[1] PUBLISH or SPUBLISH
    ARGV[2] channel
    ARGV[3] retentionMs
    ARGV[4] commandMs
    ARGV[5] sessionBytes
    ARGV[6] epoch of a new session
    ARGV[7] command
    ARGV[8] run, or empty
    ARGV[9] info of the run
    ARGV[10] leaseMs
    ARGV[11] nonce and
    ARGV[12] body of the entry that ends the run when the command was cancelled before it came
    ARGV[13] sessionEntries
    ARGV[14] digest, or empty
    ARGV[15] epoch and
    ARGV[16] id of the position that is expected; an id that is empty expects none
    ARGV[17] 1 when no run may be live, else 0
    ARGV[18] run that must be live, or empty
    ARGV[19] 1 when there must be a hold, 0 when there must be none, or empty
    ARGV[20] set or lift a hold, or empty
    ARGV[21] id of the entry to follow, its epoch is ARGV[6]; or empty
    ARGV[22] what is kept of the run while it is live, or empty
    ARGV[23] 1 when there must be such a session, else 0
    ARGV[24], ARGV[25] ... nonce and body of each entry

  Output:
    {1, epoch, before, run, info, state} accepted; run is empty when there is none
    {2, epoch, before, run, info, state} duplicate: what was answered first, and the run's state now
    {3} full
    {4} stale
    {5} other
    {6} busy
    {7} ended
    {8} held
    {9} free
    {10, epoch, id} moved
    {11} gone

  Events:
    each entry
]]
--- @include shared.lua
local command, name, info = ARGV[7], ARGV[8], ARGV[9]
local now = time()
local session = load(KEYS[1], KEYS[2])
local mark = redis.call('HGET', KEYS[7], command)
local marked = mark and not is_over(mark, now)

local known, digest = command_of(KEYS[1], KEYS[3], KEYS[4], session and session.epoch, command)
if known then
  if digest and digest ~= '' and ARGV[14] ~= '' and digest ~= ARGV[14] then return { 5 } end
  return { 2, unpack(known) }
end

if ARGV[23] == '1' and not session then return { 11 } end

if ARGV[16] ~= '' then
  -- A sender that has seen that there is no session expects the empty epoch.
  if ARGV[15] ~= (session and session.epoch or '') then return { 4 } end
  local sent = redis.call('HGET', KEYS[1], 'a')
  if sent and seq_of(sent) > seq_of(ARGV[16]) then return { 4 } end
  -- Of what the log has lost nobody knows what came behind it.
  if session and not is_held(session, ARGV[16]) then return { 4 } end
end

local held = redis.call('HEXISTS', KEYS[1], 'ho')
if ARGV[19] == '0' and held == 1 then return { 8 } end
if ARGV[19] == '1' and held == 0 then return { 9 } end

if ARGV[17] == '1' then
  for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
    if string.sub(field, 1, 2) == 'r:' then return { 6 } end
  end
end

if ARGV[18] ~= '' and redis.call('HEXISTS', KEYS[1], 'r:' .. ARGV[18]) == 0 then return { 7 } end

local bytes, count = size(ARGV[22]), (#ARGV - 23) / 2
for i = 25, #ARGV, 2 do bytes = bytes + size(ARGV[i]) end
if (session and session.bytes or 0) + bytes > tonumber(ARGV[5]) then return { 3 } end
if (session and size_of(session) or 0) + count > tonumber(ARGV[13]) then return { 3 } end
-- The memory of commands is no part of the session, and has a bound of its own.
if redis.call('HLEN', KEYS[3]) >= tonumber(ARGV[13]) then
  for _ = 1, 25 do prune(KEYS[3], now) end
  if redis.call('HLEN', KEYS[3]) >= tonumber(ARGV[13]) then return { 3 } end
end

if session and moved(session.epoch, session.id, ARGV[6], ARGV[21]) then return { 10, session.epoch, session.id } end
if not session and ARGV[21] ~= '' and ARGV[21] ~= '0-0' then return { 10, '', '0-0' } end

if not session then
  session = { meta = KEYS[1], log = KEYS[2], epoch = ARGV[6], seq = 0, id = '0-0', bytes = 0, floor = '0-0', checkpoint = '0-0', count = 0 }
  redis.call('HSET', KEYS[1], 'e', session.epoch, 'fl', '0-0')
  -- A log without its meta belongs to an epoch that is over. Not before the first write: a script
  -- that begins by deleting is let through when the memory is used up.
  redis.call('UNLINK', KEYS[2], KEYS[5], KEYS[6])
end

local before = session.id
for i = 24, #ARGV, 2 do put(session, ARGV[1], ARGV[2], ARGV[i], ARGV[i + 1]) end
local sent = session.id
if ARGV[20] == 'set' then redis.call('HSET', KEYS[1], 'ho', 1) end
if ARGV[20] == 'lift' then redis.call('HDEL', KEYS[1], 'ho') end
redis.call('HSET', KEYS[3], command, cmsgpack.pack(now + ARGV[4], session.epoch, before, name, info, ARGV[14]))
redis.call('PEXPIRE', KEYS[3], ARGV[4])
prune(KEYS[3], now)
prune(KEYS[4], now)
if mark then redis.call('HDEL', KEYS[7], command) end

local state = ''
if name == '' then
  save(session, 'a', sent)
elseif marked then
  put(session, ARGV[1], ARGV[2], ARGV[11], ARGV[12])
  save(session, 'a', sent)
  remember(KEYS[4], ARGV[4], name, session.epoch, 'stopped', '1')
  state = 'stopped'
else
  local run = { attempt = 1, next = 1, cancelled = '0', start = int(session.seq), lease = ARGV[10], suspected = 0 }
  session.bytes = session.bytes + size(ARGV[22]) - kept_of(session, name)
  save(session, 'a', sent, 'r:' .. name, record_of(run), 'i:' .. name, info)
  if ARGV[22] ~= '' then redis.call('HSET', KEYS[1], 'k:' .. name, ARGV[22])
  else redis.call('HDEL', KEYS[1], 'k:' .. name) end
  redis.call('SET', KEYS[8], 1, 'PX', ARGV[10])
  state = 'running'
end
touch(session, ARGV[3], KEYS[5], KEYS[6], before == '0-0')
return { 1, session.epoch, before, name, info, state }
