#!lua flags=no-writes
--[[
  What is known of a command that was accepted: what a repetition of it would be answered.

  Input:
    KEYS[1] meta
    KEYS[2] commands
    KEYS[3] ended
    ARGV[1] command

  Output:
    {0} unknown
    {1, epoch, before, run, info, state} known: as send.lua answers a duplicate

  Events: none
]]
--- @include shared.lua
local known = command_of(KEYS[1], KEYS[2], KEYS[3], redis.call('HGET', KEYS[1], 'e'), ARGV[1])
if not known then return { 0 } end
return { 1, unpack(known) }
