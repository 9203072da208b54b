#!lua flags=no-writes
--[[
  State of sessions: of many where one server has them all, and each for itself.

  Input:
    KEYS[1] ... meta of each

  Output:
    a list with, for each:
    {} missing
    {epoch, top, floor, bytes, checkpoint, run, record, info, kept, ms of its lease that are left or less than 0, run ...}
    the reason why it failed, as a text
    A record is: attempt, next producer sequence, cancelled (0 or 1), seq of its start.

  Events: none
]]
--- @include shared.lua
local function head(meta)
  return (head_of(redis.call('HGETALL', meta), beside(meta, 'lease:')))
end

local replies = {}
for at, meta in ipairs(KEYS) do
  local done, reply = pcall(head, meta)
  if not done and type(reply) == 'table' then reply = reply.err end
  replies[at] = reply
end
return replies
