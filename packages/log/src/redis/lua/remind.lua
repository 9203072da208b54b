#!lua
--[[
  Notes when somebody should look at a session, in the place of an earlier note.

  Input:
    KEYS[1] due
    ARGV[1] session
    ARGV[2] milliseconds from now

  Output:
    nothing

  Events: none
]]
--- @include shared.lua
redis.call('ZADD', KEYS[1], int(time() + ARGV[2]), ARGV[1])
