#!lua
--[[
  Notes when somebody should look at a session, in the place of an earlier note.

  Input:
    KEYS[1] due
    ARGV[1] session
    ARGV[2] milliseconds from now

  Output:
    token

  Events: none
]]
--- @include shared.lua
local at = time() + ARGV[2]
local known = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or -1)
-- Two notes of one millisecond are told apart, so that who dismisses the one does not drop the other.
if known <= at and known > at - 0.4 then at = known - 0.001 end
local token = string.format('%.3f', at)
redis.call('ZADD', KEYS[1], token, ARGV[1])
return token
