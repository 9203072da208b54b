#!lua flags=no-writes
--[[
  The place of a stored message by the digest of its key.

  Input:
    KEYS[1] meta
    KEYS[2] ids
    ARGV[1] digest, 8 characters

  Output:
    {0} missing
    {1, epoch, checkpoint, place} found

  Events: none
]]
local m = redis.call('HMGET', KEYS[1], 'e', 'cp')
if not m[1] then return { 0 } end
local ids, found, from = redis.call('GET', KEYS[2]) or '', nil, 1
while true do
  local at = string.find(ids, ARGV[1], from, true)
  if not at then break end
  -- A match across two digests is none.
  if (at - 1) % 8 == 0 then found = (at - 1) / 8 end
  from = at + 1
end
if not found then return { 0 } end
return { 1, m[1], m[2] or '0-0', found }
