#!lua flags=no-writes
--[[
  Decides whether a position holds, in the order of HF-POS-3, and returns the entries behind it.

  Input:
    KEYS[1] meta
    KEYS[2] log
    ARGV[1] epoch of the position; empty to read from the floor
    ARGV[2] seq of the position
    ARGV[3] id of the position
    ARGV[4] at most this many entries
    ARGV[5] bytes of bodies after which the page ends

  Output:
    {0} missing
    {1, epoch, top, prev, id, body, id, body ...} entries; prev is the id before the first
    {2, epoch, top} epoch
    {3, epoch, top} ahead
    {4, epoch, top} trimmed
    {5, epoch, top} diverged
    {6} damaged: the log does not have what meta says

  Events: none
]]
--- @include shared.lua
local m = redis.call('HMGET', KEYS[1], 'e', 's', 'id', 'fl')
local epoch, top, floor = m[1], m[3], m[4]
if not epoch then return { 0 } end
local last = floor
if ARGV[1] ~= '' then
  local seq, id = tonumber(ARGV[2]), ARGV[3]
  local floor_seq = seq_of(floor)
  if ARGV[1] ~= epoch then return { 2, epoch, top } end
  if seq > tonumber(m[2]) then return { 3, epoch, top } end
  if seq < floor_seq then return { 4, epoch, top } end
  if seq == floor_seq then
    if id ~= floor then return { 5, epoch, top } end
  elseif #redis.call('XRANGE', KEYS[2], id, id) == 0 then
    return { 5, epoch, top }
  end
  last = id
end

local reply = { 1, epoch, top, last }
if not page(reply, KEYS[2], last, top, tonumber(ARGV[4]), tonumber(ARGV[5])) then return { 6 } end
return reply
