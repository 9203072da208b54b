#!lua flags=no-writes
--[[
  One piece, of an upload or of a file.

  Input:
    KEYS[1] files
    KEYS[2] uploads
    ARGV[1] upload; empty for a file
    ARGV[2] digest; empty for an upload
    ARGV[3] index

  Output:
    {0} missing
    {1, piece} found

  Events: none
]]
--- @include shared.lua
local source, index = nil, tonumber(ARGV[3])
if ARGV[1] ~= '' then
  local upload = upload_of(KEYS[2], ARGV[1])
  if upload and not is_over(upload.till, time()) then source = upload.source end
else
  local record = redis.call('HGET', KEYS[1], 'f:' .. ARGV[2])
  if record then source = cmsgpack.unpack(record) end
end
local piece = source and redis.call('HGET', KEYS[1], piece_field(source, index))
if not piece then return { 0 } end
return { 1, piece }
