#!lua flags=no-writes
--[[
  State of a session.

  Input:
    KEYS[1] meta
    ARGV[1] what lease keys begin with

  Output:
    {} missing
    {epoch, top, floor, bytes, checkpoint, run, record, info, kept, ms of its lease that are left or less than 0, run ...}
    A record is: attempt, next producer sequence, cancelled (0 or 1), seq of its start.

  Events: none
]]
--- @include shared.lua
return (head_of(redis.call('HGETALL', KEYS[1]), ARGV[1]))
