#!lua flags=allow-oom
--[[
  Moves the end of the session's life, because it was opened. Allowed when the memory is used up: it adds
  nothing.

  Input:
    KEYS[1] meta
    KEYS[2] log
    KEYS[3] items
    KEYS[4] ids
    ARGV[1] retentionMs

  Output:
    {1} done

  Events: none
]]
--- @include shared.lua
touch({ meta = KEYS[1], log = KEYS[2] }, ARGV[1], KEYS[3], KEYS[4])
return { 1 }
