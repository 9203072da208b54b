#!lua
--[[
  Gives a claim to one holder at a time, renews it, or gives it up.

  Input:
    KEYS[1] claim
    ARGV[1] holder
    ARGV[2] milliseconds for which it is held; 0 gives it up

  Output:
    {1} held
    {2, milliseconds} taken: by another holder, for that long

  Events: none
]]
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return { 2, math.max(1, redis.call('PTTL', KEYS[1])) } end
if tonumber(ARGV[2]) > 0 then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
elseif holder then
  redis.call('DEL', KEYS[1])
end
return { 1 }
