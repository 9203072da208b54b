#!lua
--[[
  Puts messages in the place of entries: stores what is new or changed, moves the checkpoint and drops
  old entries. In one step, so that no reader meets the one without the other.

  Input:
    KEYS[1] meta
    KEYS[2] log
    KEYS[3] items
    KEYS[4] ids
    ARGV[1] retentionMs
    ARGV[2] sessionBytes
    ARGV[3] epoch
    ARGV[4] the checkpoint that this one was made from
    ARGV[5] the new checkpoint
    ARGV[6] how many messages are stored afterwards
    ARGV[7] place from which on `open` gives all
    ARGV[8] id up to which entries are dropped, or empty
    ARGV[9] id up to which the application was told, or empty
    ARGV[10] the new state behind a =, or empty
    ARGV[11], ARGV[12], ARGV[13] ... place, digest and body of each message

  Output:
    {1} done
    {2} stale
    {3} full
    {4} missing
    {5} hole: a place is left empty

  Events: none
]]
--- @include shared.lua
local session = load(KEYS[1], KEYS[2])
if not session or session.epoch ~= ARGV[3] then return { 4 } end
local checkpoint, told = session.checkpoint, redis.call('HGET', KEYS[1], 't')
local through, count = ARGV[5], tonumber(ARGV[6])
if checkpoint ~= ARGV[4] then return { 2 } end
if through ~= checkpoint then
  if seq_of(through) <= seq_of(checkpoint) then return { 2 } end
  if #redis.call('XRANGE', KEYS[2], through, through) == 0 then return { 2 } end
end

-- Nothing is written before it is known that all of it can be.
local stored, filled, grown = session.count, math.min(session.count, count), 0
local at = count
repeat
  local removed = redis.call('LRANGE', KEYS[3], at, at + 99)
  for _, body in ipairs(removed) do grown = grown - size(body) end
  at = at + 100
until #removed < 100
for i = 11, #ARGV, 3 do
  local at = tonumber(ARGV[i])
  if at < math.min(stored, count) then grown = grown - size(redis.call('LINDEX', KEYS[3], at))
  elseif at == filled then filled = filled + 1
  else return { 5 } end
  grown = grown + size(ARGV[i + 2])
end
if filled ~= count then return { 5 } end

if ARGV[10] ~= '' then grown = grown + size(string.sub(ARGV[10], 2)) - size(redis.call('HGET', KEYS[1], 'st') or '') end

-- What is stored counts as that, and no longer as entries, though these stay for a while.
local replaced, at_entry, full = 0, checkpoint, through ~= checkpoint
while full do
  local entries = redis.call('XRANGE', KEYS[2], '(' .. at_entry, through, 'COUNT', 100)
  full = #entries == 100
  for _, entry in ipairs(entries) do
    at_entry = entry[1]
    replaced = replaced + size(entry[2][2])
  end
end
-- A write that makes a session smaller is let through, or a full one could never be stored.
if session.bytes + grown - replaced > tonumber(ARGV[2]) and grown > replaced then return { 3 } end

-- Entries that the application was not told of yet stay, once it was told of anything.
if ARGV[9] ~= '' then told = ARGV[9] end
local last = session.floor
if ARGV[8] ~= '' then
  local limit = seq_of(ARGV[8])
  if told then limit = math.min(limit, seq_of(told)) end
  local entry = redis.call('XRANGE', KEYS[2], int(limit), int(limit))[1]
  if entry then last = entry[1] end
end

if count == 0 then redis.call('UNLINK', KEYS[3], KEYS[4])
elseif count < stored then
  redis.call('LTRIM', KEYS[3], 0, count - 1)
  redis.call('SET', KEYS[4], redis.call('GETRANGE', KEYS[4], 0, count * 8 - 1), 'KEEPTTL')
end
for i = 11, #ARGV, 3 do
  local at = tonumber(ARGV[i])
  if at < math.min(stored, count) then redis.call('LSET', KEYS[3], at, ARGV[i + 2])
  else redis.call('RPUSH', KEYS[3], ARGV[i + 2]) end
  redis.call('SETRANGE', KEYS[4], at * 8, ARGV[i + 1])
end
if last ~= session.floor then redis.call('XTRIM', KEYS[2], 'MINID', int(seq_of(last) + 1) .. '-0') end
session.bytes = session.bytes + grown - replaced
save(session, 'cp', through, 'n', int(count), 'kp', ARGV[7], 'fl', last)
if ARGV[9] ~= '' then redis.call('HSET', KEYS[1], 'h', told, 't', told) end
if ARGV[10] ~= '' then redis.call('HSET', KEYS[1], 'st', string.sub(ARGV[10], 2)) end
touch(session, ARGV[1], KEYS[3], KEYS[4], #ARGV > 10)
return { 1 }
