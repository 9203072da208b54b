#!lua
--[[
  The hot path: appends the next entry of each run, once, if its attempt holds the run. That renews the
  lease for as long as it was last asked for, and ends a suspicion: who writes is alive. Appends that came
  together are one call where one server has all sessions; each stands for itself, and one that fails fails alone.
  What is the same for every call stands in the text, and keys beside meta are found by its name.

  Input:
    KEYS[1] ... meta of each; of one that goes by itself its other keys too, because slots that move are
      known by the keys that are named: log, ended, lease of the run, items, ids
    ARGV[1] ... of each: run, attempt, producer sequence, nonce, body, and what else there is, or empty:
      outcome when the entry ends the run, epoch and id of the entry to follow, with a blank between them

  Output:
    a list with, for each:
    1 appended, and not cancelled
    {0, reason} failed
    {1, cancelled} appended
    {2, cancelled} duplicate
    {3, expected} gap
    {4} fenced
    {5} closed
    {6} unknown
    {7} full
    {8, epoch, id} moved

  Events:
    each entry
]]
--- @include shared.lua
--- @constants
local function append(meta, at)
  local name, nonce, body = ARGV[at], ARGV[at + 3], ARGV[at + 4]
  local attempt, seq = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local outcome, epoch, id = '', '', ''
  if ARGV[at + 5] ~= '' then outcome, epoch, id = string.match(ARGV[at + 5], '^(%S*) (%S*) (%S*)$') end
  local base, field = string.sub(meta, 1, -5), 'r:' .. name
  -- One HMGET for session and run: this is not `load`.
  local m = redis.call('HMGET', meta, 'e', 's', 'id', 'b', field, 'cp', 'n')
  if not m[5] then
    local e = recall(base .. 'ended', name)
    if not e then return { 6 } end
    if e.epoch == m[1] and e.attempt == attempt and e.seq == seq and e.nonce == nonce then
      return { 2, tonumber(e.cancelled) }
    end
    return { 5 }
  end

  local session = {
    meta = meta, log = base .. 'log', epoch = m[1], seq = tonumber(m[2]), id = m[3], bytes = tonumber(m[4]),
    checkpoint = m[6] or '0-0', count = tonumber(m[7] or 0),
  }
  local run = run_of(m[5])
  local lease = base .. 'lease:' .. name
  if attempt < run.attempt then return { 4 } end
  -- An attempt that takes over begins with an entry of its own, which starts it.
  local expected = run.next
  if attempt > run.attempt then expected = 0 end
  if seq < expected then
    run.suspected = 0
    redis.call('HSET', meta, field, record_of(run))
    redis.call('SET', lease, attempt, 'PX', run.lease)
    return { 2, tonumber(run.cancelled) }
  end
  if seq > expected then return { 3, expected } end
  if outcome == '' then
    if session.bytes + size(body) > session_bytes or size_of(session) >= session_entries then return { 7 } end
  end
  if moved(session, epoch, id) then return { 8, session.epoch, session.id } end

  put(session, publish, base .. channel, nonce, body)
  if outcome == '' then
    run.attempt = attempt
    run.next = seq + 1
    run.suspected = 0
    save(session, field, record_of(run))
    -- Nobody reads what a lease says: where there is one, moving its end costs less than writing it anew.
    if redis.call('PEXPIRE', lease, run.lease) == 0 then redis.call('SET', lease, attempt, 'PX', run.lease) end
  else
    drop_run(session, name)
    save(session)
    redis.call('UNLINK', lease)
    remember(base .. 'ended', command_ms, name, session.epoch, outcome, run.cancelled, attempt, seq, nonce)
  end
  touch(session, retention_ms, base .. 'items', base .. 'ids')
  if run.cancelled == '0' then return 1 end
  return { 1, 1 }
end

local replies = {}
for at = 1, #ARGV, 6 do
  local done, reply = pcall(append, KEYS[#replies + 1], at)
  if not done then reply = { 0, type(reply) == 'table' and reply.err or reply } end
  replies[#replies + 1] = reply
end
return replies
