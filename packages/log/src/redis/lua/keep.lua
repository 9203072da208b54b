#!lua
--[[
  Makes a file of the first pieces of an upload, which ends. They stay where they are, and the file says where.

  Input:
    KEYS[1] files
    KEYS[2] uploads
    ARGV[1] upload
    ARGV[2] digest
    ARGV[3] count of pieces
    ARGV[4] bytes
    ARGV[5] media type
    ARGV[6] bytes that each piece counts besides its own
    ARGV[7] revision that was read; empty for any

  Output:
    {1} kept
    {2} known
    {0} incomplete

  Events: none
]]
--- @include shared.lua
local files, uploads, count = KEYS[1], KEYS[2], tonumber(ARGV[3])
local upload = upload_of(uploads, ARGV[1])
if upload and is_over(upload.till, time()) then upload = nil end
if redis.call('HEXISTS', files, 'f:' .. ARGV[2]) == 1 then
  if upload then drop_upload(files, uploads, ARGV[1], upload, 0, upload.bytes) end
  return { 2 }
end
if not upload or pieces_of(files, upload) < count then return { 0 } end
if ARGV[7] ~= '' and ARGV[7] ~= revision_of(upload) then return { 0 } end
local dropped = 0
for index = count, upload.last do
  dropped = dropped + cost_of(files, upload.source, index, tonumber(ARGV[6]))
end
drop_upload(files, uploads, ARGV[1], upload, count, dropped)
redis.call('HSET', files, 'f:' .. ARGV[2], cmsgpack.pack(upload.source, count, tonumber(ARGV[4]), ARGV[5]))
return { 1 }
