#!lua flags=allow-oom
--[[
  Renews the lease of runs; a higher attempt takes a run over. Allowed when the memory is used up,
  because runs that are alive must not be taken for lost. Ends a suspicion. A lease of 0 ms gives a run up.
  Runs that are renewed in one turn are one call where one server has all sessions; each stands for itself, and
  one that fails fails alone. Keys beside meta are found by its name.

  Input:
    KEYS[1] ... meta of each; of one that goes by itself its other keys too, because slots that move are
      known by the keys that are named: log, ended, lease of the run, items, ids
    ARGV[1] ... of each: retentionMs, run, attempt, leaseMs or 0 to give it up, holder or empty,
      1 when a higher attempt needs a lease that has run out, else 0, PUBLISH or SPUBLISH, channel

  Output:
    a list with, for each:
    {0, reason} failed
    {1, cancelled} held
    {2} fenced
    {3} closed
    {4} unknown
    {5} leased

  Events:
    gap, for each run that was given up
]]
--- @include shared.lua
local function renew(meta, retention, name, attempt, lease_ms, holder, lapsed, publish, channel)
  local ended, lease = beside(meta, 'ended'), beside(meta, 'lease:') .. name
  local record = redis.call('HGET', meta, 'r:' .. name)
  if not record then
    if recall(ended, name) then return { 3 } end
    return { 4 }
  end
  local run = run_of(record)
  if attempt < run.attempt then return { 2 } end
  if attempt > run.attempt then
    if lapsed == '1' and redis.call('EXISTS', lease) == 1 then return { 5 } end
    run.attempt = attempt
    run.next = 0
  end
  if holder ~= '' then
    -- With the attempt, so that the holder of an earlier one is none of this.
    holder = int(attempt) .. ' ' .. holder
    local known = redis.call('HGET', meta, 'h:' .. name)
    if known and known ~= holder and string.match(known, '^%d+') == int(attempt) then return { 2 } end
    if known ~= holder then redis.call('HSET', meta, 'h:' .. name, holder) end
  end
  if lease_ms == '0' then
    run.suspected = given_up
    redis.call('HSET', meta, 'r:' .. name, record_of(run))
    redis.call('UNLINK', lease)
    redis.call(publish, channel, 'gap')
    return { 1, tonumber(run.cancelled) }
  end
  run.lease = lease_ms
  run.suspected = 0
  if record_of(run) ~= record then redis.call('HSET', meta, 'r:' .. name, record_of(run)) end
  redis.call('SET', lease, attempt, 'PX', lease_ms)
  local session = { meta = meta, log = beside(meta, 'log') }
  touch(session, retention, beside(meta, 'items'), beside(meta, 'ids'))
  return { 1, tonumber(run.cancelled) }
end

local replies = {}
for at = 1, #ARGV, 8 do
  local retention, name, attempt, lease_ms, holder, lapsed, publish, channel = unpack(ARGV, at, at + 7)
  local done, reply = pcall(
    renew, KEYS[#replies + 1], retention, name, tonumber(attempt), lease_ms, holder, lapsed, publish, channel
  )
  if not done then reply = { 0, type(reply) == 'table' and reply.err or reply } end
  replies[#replies + 1] = reply
end
return replies
