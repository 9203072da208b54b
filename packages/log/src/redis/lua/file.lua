#!lua flags=no-writes
--[[
  What is known of a file.

  Input:
    KEYS[1] files
    ARGV[1] digest

  Output:
    {0} missing
    {1, pieces, bytes, media type} found

  Events: none
]]
local record = redis.call('HGET', KEYS[1], 'f:' .. ARGV[1])
if not record then return { 0 } end
local _, pieces, bytes, media_type = cmsgpack.unpack(record)
return { 1, pieces, bytes, media_type }
