#!lua
--[[
  Finds the run of a command that is to be cancelled; a command that has not come yet is marked, so
  that its run is stopped when it comes.

  Input:
    KEYS[1] meta
    KEYS[2] commands
    ARGV[1] command
    ARGV[2] milliseconds that the mark is kept

  Output:
    {1} marked
    {2} no-run: the command started none
    {3, run} found

  Events: none
]]
--- @include shared.lua
local now = time()
local record = redis.call('HGET', KEYS[2], ARGV[1])
if record then
  local till, epoch, _, name = cmsgpack.unpack(record)
  if till > now and epoch ~= '' and epoch == redis.call('HGET', KEYS[1], 'e') then
    if name == '' then return { 2 } end
    return { 3, name }
  end
end
redis.call('HSET', KEYS[2], ARGV[1], cmsgpack.pack(now + ARGV[2], ''))
if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[2], ARGV[2]) end
prune(KEYS[2], now)
return { 1 }
