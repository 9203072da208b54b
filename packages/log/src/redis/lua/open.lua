#!lua flags=no-writes
--[[
  A session at one moment: its state, its newest stored messages, and the entries behind the
  checkpoint. Changes nothing, so that a server which refuses writes can still be read; says when the end of
  the session's life has to be moved, which touch.lua does.

  Input:
    KEYS[1] meta
    KEYS[2] log
    KEYS[3] items
    ARGV[1] what lease keys begin with
    ARGV[2] retentionMs
    ARGV[3] at most this many messages, or more back to the oldest to keep
    ARGV[4] but never more than this many
    ARGV[5] at most this many entries
    ARGV[6] bytes of bodies after which the page of entries ends

  Output:
    {0} missing
    {1, count, handed, state, head, messages, entries, due} opened: three lists, head as of head.lua, messages
       bodies, entries id, body, id, body ...; due is 1 when it has to be touched, else 0
    {2} damaged: the log does not have what meta says

  Events: none
]]
--- @include shared.lua
local fields = redis.call('HGETALL', KEYS[1])
if #fields == 0 then return { 0 } end
local head, meta = head_of(fields, ARGV[1])
local count = tonumber(meta.n or 0)
local start = math.min(count - tonumber(ARGV[3]), tonumber(meta.kp or count))
start = math.max(start, count - tonumber(ARGV[4]), 0)
local items = redis.call('LRANGE', KEYS[3], start, -1)
if #items ~= count - start then return { 2 } end
local entries = {}
local last = meta.cp or '0-0'
if not page(entries, KEYS[2], last, meta.id, tonumber(ARGV[5]), tonumber(ARGV[6])) then return { 2 } end
local due = 0
if is_due(KEYS[1], ARGV[2]) then due = 1 end
return { 1, count, meta.h or '0-0', meta.st or '', head, items, entries, due }
