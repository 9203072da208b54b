#!lua
--[[
  Asks a run to stop: one entry, however many ask.

  Input:
    KEYS[1] meta
    KEYS[2] log
    KEYS[3] ended
    KEYS[4] items
    KEYS[5] ids
    ARGV[1] PUBLISH or SPUBLISH
    ARGV[2] channel
    ARGV[3] retentionMs
    ARGV[4] run
    ARGV[5] nonce
    ARGV[6] body
    ARGV[7] epoch and
    ARGV[8] id of the entry to follow, or empty

  Output:
    {1} stopping
    {2} finished
    {3} missing
    {4, epoch, id} moved

  Events:
    the entry
]]
--- @include shared.lua
local session = load(KEYS[1], KEYS[2])
if not session then return { 3 } end
local field = 'r:' .. ARGV[4]
local record = redis.call('HGET', KEYS[1], field)
if not record then
  local e = recall(KEYS[3], ARGV[4])
  if e and e.epoch == session.epoch then return { 2 } end
  return { 3 }
end
local run = run_of(record)
if run.cancelled == '0' then
  if moved(session.epoch, session.id, ARGV[7], ARGV[8]) then return { 4, session.epoch, session.id } end
  run.cancelled = '1'
  put(session, ARGV[1], ARGV[2], ARGV[5], ARGV[6])
  save(session, field, record_of(run))
  touch(session, ARGV[3], KEYS[4], KEYS[5])
end
return { 1 }
