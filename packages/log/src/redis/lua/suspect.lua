#!lua
--[[
  Suspects a run whose lease has run out: marks since when, the first time, and says once that is long
  enough ago. A mark that is much older was made before an outage, in which nobody could renew: it is
  made anew. One that was given up is lost at once.

  Input:
    KEYS[1] meta
    KEYS[2] lease of the run
    ARGV[1] run
    ARGV[2] attempt
    ARGV[3] milliseconds that a run is suspected before it counts as lost
    ARGV[4] milliseconds after which a mark is too old

  Output:
    {0} alive: it has a lease, another attempt, or has ended
    {1, left} suspected: counts as lost in so many milliseconds, unless it writes or renews
    {2, given up} lost; 1 where its process gave it up, else 0

  Events: none
]]
--- @include shared.lua
local field = 'r:' .. ARGV[1]
local record = redis.call('HGET', KEYS[1], field)
if not record then return { 0 } end
local run = run_of(record)
if run.attempt ~= tonumber(ARGV[2]) or redis.call('EXISTS', KEYS[2]) == 1 then return { 0 } end
if run.suspected == given_up then return { 2, 1 } end
local now, grace = time(), tonumber(ARGV[3])
local age = now - run.suspected
if run.suspected == 0 or age < 0 or age > tonumber(ARGV[4]) then
  run.suspected = now
  redis.call('HSET', KEYS[1], field, record_of(run))
  age = 0
end
if age < grace then return { 1, grace - age } end
return { 2, 0 }
