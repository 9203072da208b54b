#!lua
--[[
  The hot path: appends the next entry of each run, once, if its attempt holds the run. That renews the
  lease for as long as it was last asked for, and ends a suspicion: who writes is alive. Appends that came
  together are one call where one server has all sessions; each stands for itself, and one that fails fails alone.
  What is the same for every call stands in the text, and keys beside meta are found by its name.

  Input:
    KEYS[1] ... meta of each; of one that goes by itself its other keys too, because slots that move are
      known by the keys that are named: log, ended, lease of the run, items, ids
    ARGV[1] ... of each: run, attempt, producer sequence, nonce, body, and what else there is: empty;
      or - when an append of this process has renewed the lease less than quiet_ms ago;
      or outcome when the entry ends the run, epoch and id of the entry to follow, with a blank between them

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
-- Makes no tables on its way: with a run and a session as such the call takes a tenth longer.
local function append(meta, at)
  local name, attempt, nonce, body, more = ARGV[at], ARGV[at + 1], ARGV[at + 3], ARGV[at + 4], ARGV[at + 5]
  local seq = tonumber(ARGV[at + 2])
  local outcome, of, behind = '', '', ''
  if more ~= '' and more ~= '-' then outcome, of, behind = string.match(more, '^(%S*) (%S*) (%S*)$') end
  local base, field = string.sub(meta, 1, -5), 'r:' .. name
  -- One HMGET for session and run: this is not `load`.
  local m = redis.call('HMGET', meta, 'e', 's', 'id', 'b', field, 'cp', 'n')
  local epoch, prev, record = m[1], m[3], m[5]
  if not record then
    local e = recall(base .. 'ended', name)
    if not e then return { 6 } end
    if e.epoch == epoch and e.attempt == tonumber(attempt) and e.seq == seq and e.nonce == nonce then
      return { 2, tonumber(e.cancelled) }
    end
    return { 5 }
  end

  local held, following, cancelled, start, lease_ms, suspected = string.match(record, record_pattern)
  local lease = base .. 'lease:' .. name
  if tonumber(attempt) < tonumber(held) then return { 4 } end
  -- An attempt that takes over begins with an entry of its own, which starts it.
  local expected = 0
  if attempt == held then expected = tonumber(following) end
  if seq < expected then
    redis.call('HSET', meta, field, record_with(held, following, cancelled, start, lease_ms, 0))
    redis.call('SET', lease, attempt, 'PX', lease_ms)
    return { 2, tonumber(cancelled) }
  end
  if seq > expected then return { 3, expected } end
  local bytes = m[4] + size(body)
  if outcome == '' then
    if bytes > session_bytes or entries_of(m[2], m[6] or '0-0', m[7] or 0) >= session_entries then return { 7 } end
  end
  if moved(epoch, prev, of, behind) then return { 8, epoch, prev } end

  local top = m[2] + 1
  local id = id_behind(top, prev, nonce)
  write(base .. 'log', publish, base .. channel, epoch, prev, id, body)
  local reply = cancelled == '0' and 1 or { 1, 1 }
  if outcome == '' then
    record = record_with(attempt, seq + 1, cancelled, start, lease_ms, 0)
    redis.call('HSET', meta, 's', int(top), 'id', id, 'b', int(bytes), field, record)
    -- An eighth of a call goes into the two ends that are moved. A lease of which that may be more than a sixteenth
    -- is renewed by each append, and so is one that has run out.
    local is_quiet = more == '-' and attempt == held and suspected == '0'
    if is_quiet and tonumber(lease_ms) >= 16 * quiet_ms then return reply end
    -- Nobody reads what a lease says: where there is one, moving its end costs less than writing it anew.
    if redis.call('PEXPIRE', lease, lease_ms) == 0 then redis.call('SET', lease, attempt, 'PX', lease_ms) end
  else
    local session = { meta = meta, seq = top, id = id, bytes = bytes }
    drop_run(session, name)
    save(session)
    redis.call('UNLINK', lease)
    remember(base .. 'ended', command_ms, name, epoch, outcome, cancelled, tonumber(attempt), seq, nonce)
  end
  touch({ meta = meta, log = base .. 'log' }, retention_ms, base .. 'items', base .. 'ids')
  return reply
end

local replies = {}
for at = 1, #ARGV, 6 do
  local done, reply = pcall(append, KEYS[#replies + 1], at)
  if not done then reply = { 0, type(reply) == 'table' and reply.err or reply } end
  replies[#replies + 1] = reply
end
return replies
