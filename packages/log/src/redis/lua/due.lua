#!lua flags=allow-oom
--[[
  Sessions whose time has come. Each is put off in the same step, so that one asker gets it.
  Allowed when the memory is used up: it adds nothing.

  Input:
    KEYS[1] due
    ARGV[1] at most this many
    ARGV[2] milliseconds by which they are put off

  Output:
    {token, session ...}

  Events: none
]]
--- @include shared.lua
local now = time()
-- Notes are due at whole milliseconds: one that is set anew is never taken for what was claimed.
local claimed = string.format('%.1f', now + ARGV[2] - 0.5)
local reply = { claimed }
for _, session in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])) do
  redis.call('ZADD', KEYS[1], claimed, session)
  reply[#reply + 1] = session
end
return reply
