#!lua flags=allow-oom
--[[
  Renews a run's lease; a higher attempt takes the run over. Allowed when the memory is used up,
  because runs that are alive must not be taken for lost. Ends a suspicion. A lease of 0 ms gives the run up.

  Input:
    KEYS[1] meta
    KEYS[2] log
    KEYS[3] ended
    KEYS[4] lease of the run
    KEYS[5] items
    KEYS[6] ids
    ARGV[1] retentionMs
    ARGV[2] run
    ARGV[3] attempt
    ARGV[4] leaseMs, or 0 to give it up
    ARGV[5] holder, or empty
    ARGV[6] 1 when a higher attempt needs a lease that has run out, else 0
    ARGV[7] PUBLISH or SPUBLISH
    ARGV[8] channel

  Output:
    {1, cancelled} held
    {2} fenced
    {3} closed
    {4} unknown
    {5} leased

  Events:
    gap, when the run was given up
]]
--- @include shared.lua
local name, attempt = ARGV[2], tonumber(ARGV[3])
local record = redis.call('HGET', KEYS[1], 'r:' .. name)
if not record then
  if recall(KEYS[3], name) then return { 3 } end
  return { 4 }
end
local run = run_of(record)
if attempt < run.attempt then return { 2 } end
if attempt > run.attempt then
  if ARGV[6] == '1' and redis.call('EXISTS', KEYS[4]) == 1 then return { 5 } end
  run.attempt = attempt
  run.next = 0
end
if ARGV[5] ~= '' then
  -- With the attempt, so that the holder of an earlier one is none of this.
  local holder = int(attempt) .. ' ' .. ARGV[5]
  local known = redis.call('HGET', KEYS[1], 'h:' .. name)
  if known and known ~= holder and string.match(known, '^%d+') == int(attempt) then return { 2 } end
  if known ~= holder then redis.call('HSET', KEYS[1], 'h:' .. name, holder) end
end
if ARGV[4] == '0' then
  run.suspected = given_up
  redis.call('HSET', KEYS[1], 'r:' .. name, record_of(run))
  redis.call('UNLINK', KEYS[4])
  redis.call(ARGV[7], ARGV[8], 'gap')
  return { 1, tonumber(run.cancelled) }
end
run.lease = ARGV[4]
run.suspected = 0
if record_of(run) ~= record then redis.call('HSET', KEYS[1], 'r:' .. name, record_of(run)) end
redis.call('SET', KEYS[4], attempt, 'PX', ARGV[4])
touch({ meta = KEYS[1], log = KEYS[2] }, ARGV[1], KEYS[5], KEYS[6])
return { 1, tonumber(run.cancelled) }
