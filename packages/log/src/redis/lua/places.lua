#!lua
--[[
  Gives out one more place for what lies elsewhere, forgets what was removed there, and tells how it stands.

  Input:
    KEYS[1] meta
    KEYS[2] files
    ARGV[1] name of the places unless they have one; empty to give out none
    ARGV[2] uploadMs
    ARGV[3] ... marks of what was removed

  Output:
    {0} none
    {1, name, count, mark ...} given

  Events: none
]]
--- @include shared.lua
local files = KEYS[2]
local m = redis.call('HMGET', files, 'w', 'c')
local name, count = m[1], tonumber(m[2] or 0)
if ARGV[1] ~= '' then
  name, count = name or ARGV[1], count + 1
  redis.call('HSET', files, 'w', name, 'c', int(count))
  prolong(files, math.max(tonumber(ARGV[2]), redis.call('PTTL', KEYS[1])))
end
if not name then return { 0 } end
local reply, removed, left = { 1, name, count }, {}, {}
for i = 3, #ARGV do removed[ARGV[i]] = true end
for _, mark in ipairs(gone_of(files)) do
  if not removed[mark] then
    left[#left + 1] = mark
    reply[#reply + 1] = mark
  end
end
save_gone(files, left)
return reply
