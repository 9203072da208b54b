#!lua
--[[
  The hot path: appends the next entry of a run, once, if its attempt holds the run. That renews the
  lease for as long as it was last asked for, and ends a suspicion: who writes is alive.

  Input:
    KEYS[1] meta
    KEYS[2] log
    KEYS[3] ended
    KEYS[4] lease of the run
    KEYS[5] items
    KEYS[6] ids
    ARGV[1] PUBLISH or SPUBLISH
    ARGV[2] channel
    ARGV[3] retentionMs
    ARGV[4] commandMs
    ARGV[5] sessionBytes
    ARGV[6] run
    ARGV[7] attempt
    ARGV[8] producer sequence
    ARGV[9] nonce
    ARGV[10] body
    ARGV[11] outcome when the entry ends the run, else empty
    ARGV[12] sessionEntries
    ARGV[13] epoch and
    ARGV[14] id of the entry to follow, or empty

  Output:
    {1, cancelled} appended
    {2, cancelled} duplicate
    {3, expected} gap
    {4} fenced
    {5} closed
    {6} unknown
    {7} full
    {8, epoch, id} moved

  Events:
    the entry
]]
--- @include shared.lua
local name, attempt, seq, nonce, body, outcome =
  ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8]), ARGV[9], ARGV[10], ARGV[11]

-- One HMGET for session and run: this is not `load`.
local m = redis.call('HMGET', KEYS[1], 'e', 's', 'id', 'b', 'r:' .. name, 'fl', 'n')
if not m[5] then
  local e = recall(KEYS[3], name)
  if not e then return { 6 } end
  if e.epoch == m[1] and e.attempt == attempt and e.seq == seq and e.nonce == nonce then
    return { 2, tonumber(e.cancelled) }
  end
  return { 5 }
end

local session = {
  meta = KEYS[1], log = KEYS[2], epoch = m[1], seq = tonumber(m[2]), id = m[3], bytes = tonumber(m[4]),
  floor = m[6], count = tonumber(m[7] or 0),
}
local run = run_of(m[5])
local cancelled = tonumber(run.cancelled)
if attempt < run.attempt then return { 4 } end
-- An attempt that takes over begins with an entry of its own, which starts it.
local expected = run.next
if attempt > run.attempt then expected = 0 end
if seq < expected then
  if run.suspected > 0 then
    run.suspected = 0
    redis.call('HSET', KEYS[1], 'r:' .. name, record_of(run))
  end
  redis.call('SET', KEYS[4], attempt, 'PX', run.lease)
  return { 2, cancelled }
end
if seq > expected then return { 3, expected } end
if outcome == '' then
  if session.bytes + size(body) > tonumber(ARGV[5]) or size_of(session) >= tonumber(ARGV[12]) then return { 7 } end
end
if moved(session, ARGV[13], ARGV[14]) then return { 8, session.epoch, session.id } end

put(session, ARGV[1], ARGV[2], nonce, body)
if outcome == '' then
  run.attempt = attempt
  run.next = seq + 1
  run.suspected = 0
  save(session, 'r:' .. name, record_of(run))
  redis.call('SET', KEYS[4], attempt, 'PX', run.lease)
else
  drop_run(session, name)
  save(session)
  redis.call('UNLINK', KEYS[4])
  remember(KEYS[3], name, session.epoch, outcome, run.cancelled, attempt, seq, nonce, ARGV[4])
end
touch(session, ARGV[3], KEYS[5], KEYS[6])
return { 1, cancelled }
