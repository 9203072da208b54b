#!lua
--[[
  Finds the run of a command that is to be cancelled; a command that has not come yet is marked, so
  that its run is stopped when it comes.

  Input:
    KEYS[1] meta
    KEYS[2] commands
    KEYS[3] marks
    ARGV[1] command
    ARGV[2] milliseconds that the mark is kept
    ARGV[3] at most this many marks

  Output:
    {1} marked
    {2} no-run: the command started none
    {3, run} found
    {4} full

  Events: none
]]
--- @include shared.lua
local now = time()
local record = redis.call('HGET', KEYS[2], ARGV[1])
if record then
  local till, epoch, _, name = cmsgpack.unpack(record)
  if not is_over(till, now) and epoch == redis.call('HGET', KEYS[1], 'e') then
    if name == '' then return { 2 } end
    return { 3, name }
  end
end
local most = tonumber(ARGV[3])
if redis.call('HLEN', KEYS[3]) >= most and redis.call('HEXISTS', KEYS[3], ARGV[1]) == 0 then
  local marks = redis.call('HGETALL', KEYS[3])
  for i = 1, #marks, 2 do
    if is_over(marks[i + 1], now) then redis.call('HDEL', KEYS[3], marks[i]) end
  end
  if redis.call('HLEN', KEYS[3]) >= most then return { 4 } end
end
redis.call('HSET', KEYS[3], ARGV[1], int(now + ARGV[2]))
redis.call('PEXPIRE', KEYS[3], ARGV[2])
return { 1 }
