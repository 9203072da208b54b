#!lua flags=allow-oom
--[[
  Removes a session. Its live runs are remembered as ended, so that their writers are answered
  `closed` and cannot bring it back. Allowed when the memory is used up: it frees some.

  Input:
    KEYS[1] meta
    KEYS[2] log
    KEYS[3] commands
    KEYS[4] ended
    KEYS[5] items
    KEYS[6] ids
    KEYS[7] marks
    KEYS[8] claims
    KEYS[9] files
    KEYS[10] uploads
    ARGV[1] PUBLISH or SPUBLISH
    ARGV[2] channel
    ARGV[3] commandMs
    ARGV[4] what lease keys begin with

  Output:
    {1} done
    {0} nothing

  Events:
    deleted
]]
--- @include shared.lua
local fields = redis.call('HGETALL', KEYS[1])
if #fields == 0 then
  redis.call('UNLINK', KEYS[2], KEYS[3], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10])
  return { 0 }
end
local epoch = redis.call('HGET', KEYS[1], 'e')
for i = 1, #fields, 2 do
  if string.sub(fields[i], 1, 2) == 'r:' then
    local name = string.sub(fields[i], 3)
    remember(KEYS[4], ARGV[3], name, epoch, 'lost', run_of(fields[i + 1]).cancelled)
    -- One that is out of reach ends by itself.
    reach('UNLINK', ARGV[4] .. name)
  end
end
redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10])
redis.call(ARGV[1], ARGV[2], 'deleted')
return { 1 }
