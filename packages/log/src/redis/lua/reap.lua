#!lua
--[[
  Ends a run as lost, or as stopped where it was asked to, if its lease has run out, the attempt is still the one that was seen, and it is
  suspected for long enough; begins to suspect it otherwise.

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
    ARGV[5] run
    ARGV[6] attempt
    ARGV[7] nonce
    ARGV[8] body
    ARGV[9] epoch and
    ARGV[10] id of the entry to follow, or empty
    ARGV[11] milliseconds that it must have been suspected
    ARGV[12] outcome

  Output:
    {1} done
    {0} nothing
    {2, epoch, id} moved

  Events:
    the entry
]]
--- @include shared.lua
local session = load(KEYS[1], KEYS[2])
local record = session and redis.call('HGET', KEYS[1], 'r:' .. ARGV[5])
if not record then return { 0 } end
local run = run_of(record)
if run.attempt ~= tonumber(ARGV[6]) or redis.call('EXISTS', KEYS[4]) == 1 then return { 0 } end
if run.suspected == 0 then
  run.suspected = time()
  redis.call('HSET', KEYS[1], 'r:' .. ARGV[5], record_of(run))
  return { 0 }
end
if time() - run.suspected < tonumber(ARGV[11]) then return { 0 } end
if moved(session.epoch, session.id, ARGV[9], ARGV[10]) then return { 2, session.epoch, session.id } end
put(session, ARGV[1], ARGV[2], ARGV[7], ARGV[8])
drop_run(session, ARGV[5])
save(session)
remember(KEYS[3], ARGV[4], ARGV[5], session.epoch, ARGV[12], run.cancelled)
touch(session, ARGV[3], KEYS[5], KEYS[6])
return { 1 }
