#!lua flags=no-writes
--[[
  Counts the pieces that an upload has from the first one on, without a hole.

  Input:
    KEYS[1] files
    KEYS[2] uploads
    ARGV[1] upload

  Output:
    {0} missing
    {1, count, revision} counted

  Events: none
]]
--- @include shared.lua
local upload = upload_of(KEYS[2], ARGV[1])
if not upload or is_over(upload.till, time()) then return { 0 } end
return { 1, pieces_of(KEYS[1], upload), revision_of(upload) }
