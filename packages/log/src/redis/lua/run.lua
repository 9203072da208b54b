#!lua flags=no-writes
--[[
  What is known of a run, live or ended.

  Input:
    KEYS[1] meta
    KEYS[2] ended
    KEYS[3] lease of the run
    ARGV[1] run

  Output:
    {0} unknown
    {1, epoch, record, info, kept, ms} running: record as of head.lua, ms of its lease that are left or less than 0
    {2, epoch, outcome, cancelled} ended: cancelled is 0 or 1

  Events: none
]]
--- @include shared.lua
local name = ARGV[1]
local m = redis.call('HMGET', KEYS[1], 'e', 'r:' .. name, 'i:' .. name, 'k:' .. name)
if m[2] then return { 1, m[1], m[2], m[3], m[4] or '', redis.call('PTTL', KEYS[3]) } end
local e = recall(KEYS[2], name)
if not e then return { 0 } end
return { 2, e.epoch, e.outcome, tonumber(e.cancelled) }
