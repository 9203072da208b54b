#!lua flags=no-writes
--[[
  Stored messages by their place.

  Input:
    KEYS[1] meta
    KEYS[2] items
    ARGV[1] first place
    ARGV[2] last place

  Output:
    {0} missing
    {1, epoch, checkpoint, count, body ...} found

  Events: none
]]
local m = redis.call('HMGET', KEYS[1], 'e', 'cp', 'n')
if not m[1] then return { 0 } end
local reply = { 1, m[1], m[2] or '0-0', tonumber(m[3] or 0) }
local first, last = tonumber(ARGV[1]), tonumber(ARGV[2])
if last < first then return reply end
for _, body in ipairs(redis.call('LRANGE', KEYS[2], first, last)) do reply[#reply + 1] = body end
return reply
