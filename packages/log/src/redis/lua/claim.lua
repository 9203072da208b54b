#!lua
--[[
  Gives a claim to one holder at a time, renews it, or gives it up.

  Input:
    KEYS[1] claims
    ARGV[1] name
    ARGV[2] holder
    ARGV[3] milliseconds for which it is held; 0 gives it up
    ARGV[4] at most this many claims

  Output:
    {1} held
    {2, milliseconds} taken: by another holder, for that long
    {3} full

  Events: none
]]
--- @include shared.lua
local now, lease = time(), tonumber(ARGV[3])
local record = redis.call('HGET', KEYS[1], ARGV[1])
if record then
  local till, holder = string.match(record, '^(%d+) (.*)$')
  if holder ~= ARGV[2] and not is_over(till, now) then return { 2, tonumber(till) - now } end
end
if lease <= 0 then
  redis.call('HDEL', KEYS[1], ARGV[1])
  return { 1 }
end
if not record and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then
  local claims = redis.call('HGETALL', KEYS[1])
  for i = 1, #claims, 2 do
    if is_over(string.match(claims[i + 1], '^%d+'), now) then redis.call('HDEL', KEYS[1], claims[i]) end
  end
  if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then return { 3 } end
end
redis.call('HSET', KEYS[1], ARGV[1], int(now + lease) .. ' ' .. ARGV[2])
if redis.call('PTTL', KEYS[1]) < lease then redis.call('PEXPIRE', KEYS[1], int(lease)) end
return { 1 }
