#!lua
--[[
  Makes a session of stored messages, where there is none.

  Input:
    KEYS[1] meta
    KEYS[2] log
    KEYS[3] items
    KEYS[4] ids
    ARGV[1] PUBLISH or SPUBLISH
    ARGV[2] channel
    ARGV[3] retentionMs
    ARGV[4] sessionBytes
    ARGV[5] sessionEntries
    ARGV[6] epoch
    ARGV[7] nonce and
    ARGV[8] body of the first entry
    ARGV[9] digests, one behind the other
    ARGV[10] state
    ARGV[11] ... bodies of the messages

  Output:
    {1} seeded
    {2} exists
    {3} full

  Events:
    the entry
]]
--- @include shared.lua
if redis.call('EXISTS', KEYS[1]) == 1 then return { 2 } end
local count, bytes = #ARGV - 10, size(ARGV[10])
for i = 11, #ARGV do bytes = bytes + size(ARGV[i]) end
if bytes + size(ARGV[8]) > tonumber(ARGV[4]) or count + 1 > tonumber(ARGV[5]) then return { 3 } end
local session = { meta = KEYS[1], log = KEYS[2], epoch = ARGV[6], seq = 0, id = '0-0', bytes = bytes }
redis.call('HSET', KEYS[1], 'e', session.epoch, 'fl', '0-0')
-- Keys that a lost meta left behind belong to an epoch that is over.
redis.call('UNLINK', KEYS[2], KEYS[3], KEYS[4])
for i = 11, #ARGV do redis.call('RPUSH', KEYS[3], ARGV[i]) end
redis.call('SET', KEYS[4], ARGV[9])
put(session, ARGV[1], ARGV[2], ARGV[7], ARGV[8])
-- It is stored with the messages that it tells of, and counts for nothing more.
session.bytes = bytes
save(session, 'cp', session.id, 'h', session.id, 'n', int(count), 'kp', int(count), 'st', ARGV[10])
touch(session, ARGV[3], KEYS[3], KEYS[4], true)
return { 1 }
