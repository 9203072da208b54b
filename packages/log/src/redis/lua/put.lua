#!lua
--[[
  Puts a piece of an upload, in the place of an earlier one.

  Input:
    KEYS[1] meta
    KEYS[2] files
    KEYS[3] uploads
    ARGV[1] upload
    ARGV[2] index
    ARGV[3] the piece
    ARGV[4] uploadMs
    ARGV[5] sessionFileBytes
    ARGV[6] at most this many uploads
    ARGV[7] bytes that each piece counts besides its own
    ARGV[8] bytes that the piece stands for and that lie elsewhere

  Output:
    {1} put
    {0} full

  Events: none
]]
--- @include shared.lua
local files, uploads, name, index, piece = KEYS[2], KEYS[3], ARGV[1], tonumber(ARGV[2]), ARGV[3]
local upload_ms, extra, elsewhere = tonumber(ARGV[4]), tonumber(ARGV[7]), tonumber(ARGV[8])
local now = time()
local upload = upload_of(uploads, name)
if not upload or is_over(upload.till, now) then
  prune_uploads(files, uploads, now)
  upload = { bytes = 0, last = -1, replaced = 0 }
  if redis.call('HLEN', uploads) >= tonumber(ARGV[6]) then return { 0 } end
end
local source = upload.source or tonumber(redis.call('HGET', files, 'n') or 0) + 1
local grown = #piece + elsewhere + extra - cost_of(files, source, index, extra)
local function is_full() return grown > 0 and bytes_of(files) + grown > tonumber(ARGV[5]) end
if is_full() then
  prune_uploads(files, uploads, now)
  if is_full() then return { 0 } end
end
local before = redis.call('HGET', files, piece_field(source, index))
if before and before ~= piece then
  upload.replaced = upload.replaced + 1
  local gone = gone_of(files)
  note_gone(gone, files, source, index)
  save_gone(files, gone)
end
redis.call('HSET', files, piece_field(source, index), piece, 'b', int(bytes_of(files) + grown))
if elsewhere > 0 then redis.call('HSET', files, elsewhere_field(source, index), int(elsewhere))
else redis.call('HDEL', files, elsewhere_field(source, index)) end
if not upload.source then redis.call('HSET', files, 'n', int(source)) end
local record = {
  int(now + upload_ms), int(source), int(upload.bytes + grown), int(math.max(upload.last, index)),
  int(upload.replaced),
}
redis.call('HSET', uploads, name, table.concat(record, ' '))
local life = math.max(upload_ms, redis.call('PTTL', KEYS[1]))
prolong(files, life)
prolong(uploads, life)
return { 1 }
