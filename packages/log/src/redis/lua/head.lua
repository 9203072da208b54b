#!lua flags=no-writes
--[[
  State of a session.

  Input:
    KEYS[1] meta
    ARGV[1] what lease keys begin with

  Output:
    {} missing
    {epoch, top, floor, bytes, run, record, info, leased (0 or 1), run ...}
    A record is: attempt, next producer sequence, cancelled (0 or 1), seq of its start.

  Events: none
]]
local fields = redis.call('HGETALL', KEYS[1])
if #fields == 0 then return {} end
local meta = {}
for i = 1, #fields, 2 do meta[fields[i]] = fields[i + 1] end
local reply = { meta.e, meta.id, meta.fl, meta.b }
for i = 1, #fields, 2 do
  if string.sub(fields[i], 1, 2) == 'r:' then
    local name = string.sub(fields[i], 3)
    reply[#reply + 1] = name
    reply[#reply + 1] = fields[i + 1]
    reply[#reply + 1] = meta['i:' .. name]
    reply[#reply + 1] = redis.call('EXISTS', ARGV[1] .. name)
  end
end
return reply
