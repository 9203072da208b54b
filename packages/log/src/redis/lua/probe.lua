#!lua flags=allow-oom
--[[
  Uses every command that the other scripts use, on keys of its own that are gone afterwards, so that
  rights which are missing are known before anything is written by halves. Allowed when the memory is used
  up: nothing stays.

  Input:
    KEYS[1] a hash
    KEYS[2] a stream
    KEYS[3] a list
    KEYS[4] a string
    KEYS[5] a sorted set
    ARGV[1] PUBLISH or SPUBLISH
    ARGV[2] channel
    ARGV[3] milliseconds after which what is left goes by itself

  Output:
    {1} done

  Events:
    probe
]]
local hash, stream, list, text, set = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
for _, key in ipairs(KEYS) do redis.call('UNLINK', key) end
redis.call('TIME')
redis.call('HSET', hash, 'a', '1', 'b', '2')
redis.call('PEXPIRE', hash, ARGV[3])
redis.call('HGET', hash, 'a')
redis.call('HMGET', hash, 'a', 'b')
redis.call('HGETALL', hash)
redis.call('HKEYS', hash)
redis.call('HLEN', hash)
redis.call('HEXISTS', hash, 'a')
redis.call('HRANDFIELD', hash, '1', 'WITHVALUES')
redis.call('HDEL', hash, 'b')
redis.call('PTTL', hash)
redis.call('EXISTS', hash)
redis.call('XADD', stream, '1-1', 'd', '')
redis.call('PEXPIRE', stream, ARGV[3])
redis.call('XRANGE', stream, '-', '+')
redis.call('XTRIM', stream, 'MINID', '2-0')
redis.call('RPUSH', list, 'a')
redis.call('PEXPIRE', list, ARGV[3])
redis.call('LSET', list, '0', 'b')
redis.call('LINDEX', list, '0')
redis.call('LRANGE', list, '0', '-1')
redis.call('LTRIM', list, '0', '0')
redis.call('SET', text, 'a', 'PX', ARGV[3])
redis.call('SETRANGE', text, '0', 'b')
redis.call('GETRANGE', text, '0', '0')
redis.call('GET', text)
redis.call('ZADD', set, '1', 'a')
redis.call('PEXPIRE', set, ARGV[3])
redis.call('ZSCORE', set, 'a')
redis.call('ZRANGEBYSCORE', set, '-inf', '+inf')
redis.call('ZREM', set, 'a')
for _, key in ipairs(KEYS) do redis.call('UNLINK', key) end
redis.call(ARGV[1], ARGV[2], 'probe')
return { 1 }
