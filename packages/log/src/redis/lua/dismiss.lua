#!lua flags=allow-oom
--[[
  Drops a note, unless it was set anew since. Allowed when the memory is used up: it frees some.

  Input:
    KEYS[1] due
    ARGV[1] session
    ARGV[2] token

  Output:
    {1} done
    {0} nothing

  Events: none
]]
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not score or tonumber(score) ~= tonumber(ARGV[2]) then return { 0 } end
redis.call('ZREM', KEYS[1], ARGV[1])
return { 1 }
