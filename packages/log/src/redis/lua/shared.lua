-- Functions that several scripts share; redis-scripts.ts puts them where a script says @include.

-- Entries with longer bodies are announced by their ids alone, so that a slow subscriber's output
-- buffer is not filled by them.
local announced = 16384

-- Milliseconds by the clock of Redis: no clock of a writer takes part.
local function time()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- True when what was to last until then, in milliseconds, lasts no longer.
local function is_over(till, now) return tonumber(till) <= now end

-- The number of an entry id.
local function seq_of(id) return tonumber(string.match(id, '^%d+')) end

-- The session's hash in a table; nil when there is no session.
local function load(meta, log)
  local m = redis.call('HMGET', meta, 'e', 's', 'id', 'b', 'fl', 'n', 'cp')
  if not m[1] then return nil end
  return {
    meta = meta, log = log, epoch = m[1], seq = tonumber(m[2]), id = m[3], bytes = tonumber(m[4]),
    floor = m[5], count = tonumber(m[6] or 0), checkpoint = m[7] or '0-0',
  }
end

-- True when the log has that entry, or may have had it before it was trimmed.
local function is_held(session, id)
  local seq, floor = seq_of(id), seq_of(session.floor)
  if seq == floor then return id == session.floor end
  return seq < floor or (seq <= session.seq and #redis.call('XRANGE', session.log, id, id) == 1)
end

-- How many stored messages there are, and entries that are not stored yet.
local function entries_of(seq, checkpoint, count) return seq - seq_of(checkpoint) + count end

local function size_of(session) return entries_of(session.seq, session.checkpoint, session.count) end

-- Lua itself writes large numbers as 1e+15.
local function int(number) return string.format('%d', number) end

-- Bytes that count against limits: of a sealed text those that it had before. sealed-size.ts says the same.
local function size(body)
  local dot = string.sub(body, 1, 5) == 'enc2.' and string.find(body, '.', 6, true)
  if not dot then return #body end
  return math.max(0, math.floor((#body - dot) * 3 / 4) - 28)
end

-- True when the newest entry is another one than the one to follow, if one is named.
local function moved(epoch, id, wanted_epoch, wanted_id)
  return wanted_id ~= '' and (wanted_id ~= id or wanted_epoch ~= epoch)
end

-- The id that a writer's nonce makes behind another (HF-POS-5); chain.ts says the same. Products stay
-- far below 2^53, so that doubles are exact. On the path of each append: one search and one format.
local function id_behind(seq, prev, nonce)
  local chained = (string.sub(prev, string.find(prev, '-', 1, true) + 1) * 48271 + nonce) % 2147483647
  if chained == 0 then chained = 2147483647 end
  return string.format('%d-%d', seq, chained)
end

-- Writes an entry, and tells of it. One that is told with its body is one string from the start, since each string
-- that Lua makes is looked up among all.
local function write(log, publish, channel, epoch, prev, id, body)
  redis.call('XADD', log, id, 'd', body)
  if #body <= announced then
    redis.call(publish, channel, epoch .. ' ' .. prev .. ' ' .. id .. ' ' .. body)
  else
    redis.call(publish, channel, epoch .. ' ' .. prev .. ' ' .. id)
  end
end

local function put(session, publish, channel, nonce, body)
  local prev = session.id
  session.seq = session.seq + 1
  session.id = id_behind(session.seq, prev, nonce)
  session.bytes = session.bytes + size(body)
  write(session.log, publish, channel, session.epoch, prev, session.id, body)
end

-- Writes the session's top, and any further fields, in one call.
local function save(session, ...)
  redis.call('HSET', session.meta, 's', int(session.seq), 'id', session.id, 'b', int(session.bytes), ...)
end

-- True when so much of the session's life has passed that its end has to be moved.
local function is_due(meta, retention) return redis.call('PTTL', meta) < tonumber(retention) * 0.9 end

-- Runs a command with a key that the script did not declare. Nil where the key is out of reach: of a slot that
-- moves to another node, one has only what has not gone yet, and Redis looks only after declared keys.
local function reach(...)
  local reply = redis.pcall(...)
  if type(reply) ~= 'table' or not reply.err then return reply end
  if string.find(reply.err, 'non local key', 1, true) then return nil end
  error(reply)
end

-- Sees to it that a key lives for so long, or longer.
local function prolong(key, life)
  if redis.call('PTTL', key) < tonumber(life) then redis.call('PEXPIRE', key, life) end
end

-- The key of something else of the session; keys.ts says the same.
local function beside(meta, name) return string.sub(meta, 1, -5) .. name end

-- Moves the end of the session's life. Most writes find it far enough away and save two calls;
-- `fresh` says that a key may be new and have no end yet. Where files are out of reach it is left to the next
-- who touches: they must not end sooner than the session. None of the other keys is new then.
local function touch(session, retention, items, ids, fresh)
  if not fresh and not is_due(session.meta, retention) then return end
  for _, name in ipairs({ 'files', 'uploads' }) do
    local key = beside(session.meta, name)
    local left = reach('PTTL', key)
    if not left then return end
    if left < tonumber(retention) then redis.call('PEXPIRE', key, retention) end
  end
  for _, key in ipairs({ session.meta, session.log, items, ids }) do
    redis.call('PEXPIRE', key, retention)
  end
end

-- The state of a session as a list: epoch, top, floor, bytes, checkpoint, and of each run its id, record,
-- info, what is kept, and how much of its lease is left: less than 0 also where the lease is out of reach, for it has
-- run out or nobody knows, and who acts upon it asks suspect.lua, which does. `fields` is what HGETALL of meta gave;
-- of no session the list is empty, for a reply ends at what is nil.
local function head_of(fields, leases)
  local meta = {}
  for i = 1, #fields, 2 do meta[fields[i]] = fields[i + 1] end
  local reply = { meta.e, meta.id, meta.fl, meta.b, meta.cp or '0-0' }
  for i = 1, #fields, 2 do
    if string.sub(fields[i], 1, 2) == 'r:' then
      local name = string.sub(fields[i], 3)
      reply[#reply + 1] = name
      reply[#reply + 1] = fields[i + 1]
      reply[#reply + 1] = meta['i:' .. name]
      reply[#reply + 1] = meta['k:' .. name] or ''
      reply[#reply + 1] = reach('PTTL', leases .. name) or -2
    end
  end
  return reply, meta
end

-- Adds the entries behind `last` to a reply, as id and body: at most `left` of them, and no more once
-- `room` bytes are used up. False when the log does not have what meta says.
local function page(reply, log, last, top, left, room)
  -- In small steps, because the size of entries is known only when they are there.
  while left > 0 and room > 0 and last ~= top do
    local entries = redis.call('XRANGE', log, '(' .. last, '+', 'COUNT', math.min(left, 32))
    if #entries == 0 then return false end
    for _, entry in ipairs(entries) do
      last = entry[1]
      reply[#reply + 1] = last
      reply[#reply + 1] = entry[2][2]
      left = left - 1
      room = room - #entry[2][2]
      if room <= 0 then break end
    end
  end
  return true
end

-- The record of a live run: attempt, next producer sequence, cancelled (0 or 1), seq of its start, how
-- long its lease was last asked for, and since when it is suspected (0 while it is not).
local given_up = 1 -- the moment since which a run is suspected whose process has given it up

local record_pattern = '^(%d+) (%d+) (%d) (%d+) (%d+) (%d+)$'

local function record_with(attempt, nxt, cancelled, start, lease, suspected)
  return attempt .. ' ' .. nxt .. ' ' .. cancelled .. ' ' .. start .. ' ' .. lease .. ' ' .. suspected
end

local function run_of(record)
  local attempt, nxt, cancelled, start, lease, suspected = string.match(record, record_pattern)
  return {
    attempt = tonumber(attempt), next = tonumber(nxt), cancelled = cancelled, start = start,
    lease = lease, suspected = tonumber(suspected),
  }
end

local function record_of(run)
  return record_with(int(run.attempt), int(run.next), run.cancelled, run.start, run.lease, int(run.suspected))
end

-- Bytes of what is kept of a live run.
local function kept_of(session, name) return size(redis.call('HGET', session.meta, 'k:' .. name) or '') end

-- Drops the fields of a run that has ended. What was kept of it is part of the session no longer: to be
-- called before `save`.
local function drop_run(session, name)
  session.bytes = session.bytes - kept_of(session, name)
  redis.call('HDEL', session.meta, 'r:' .. name, 'i:' .. name, 'k:' .. name, 'h:' .. name)
end

-- Remembers an ended run for writers that come late. attempt, seq and nonce are those of the append
-- that ended it, if one did.
local function remember(ended, command_ms, name, epoch, outcome, cancelled, attempt, seq, nonce)
  local record = cmsgpack.pack(time() + command_ms, epoch, outcome, cancelled, attempt, seq, nonce)
  redis.call('HSET', ended, name, record)
  redis.call('PEXPIRE', ended, command_ms)
end

-- The record of an ended run; nil when nothing is.
local function recall(ended, name)
  local record = redis.call('HGET', ended, name)
  if not record then return nil end
  local till, epoch, outcome, cancelled, attempt, seq, nonce = cmsgpack.unpack(record)
  if is_over(till, time()) then return nil end
  return { epoch = epoch, outcome = outcome, cancelled = cancelled, attempt = attempt, seq = seq, nonce = nonce }
end

-- A command that was accepted in the session's epoch, as a list: epoch, before, run, info, state of the run now
-- (run, info and state are empty when it had none), and its digest; nil when none is known. What was accepted
-- in another epoch is lost together with its entries.
local function command_of(meta, commands, ended, epoch, command)
  local record = redis.call('HGET', commands, command)
  if not record then return nil end
  local till, of, before, run, info, digest = cmsgpack.unpack(record)
  if is_over(till, time()) or of ~= epoch then return nil end
  local state = ''
  if run ~= '' then
    local e = recall(ended, run)
    if redis.call('HEXISTS', meta, 'r:' .. run) == 1 then state = 'running'
    elseif e then state = e.outcome
    else state = 'lost' end
  end
  return { epoch, before, run, info, state }, digest
end

-- Drops some of a hash's records that are past their time, which is the first value of each.
local function prune(key, now)
  local sample = redis.call('HRANDFIELD', key, 4, 'WITHVALUES')
  for i = 1, #sample, 2 do
    if is_over(cmsgpack.unpack(sample[i + 1]), now) then redis.call('HDEL', key, sample[i]) end
  end
end

-- Files: pieces are fields that name the number of the upload which they came with, those with `e:` what lies
-- elsewhere of a piece; `b` is what all of them count, `n` the last such number, `w` and `c` the name
-- and the count of places elsewhere, `g` what is gone of them, and `f:` with a digest what is known of a file.
local function piece_field(source, index) return 'p:' .. int(source) .. ':' .. int(index) end

local function elsewhere_field(source, index) return 'e:' .. int(source) .. ':' .. int(index) end

-- What a piece counts; 0 when there is none.
local function cost_of(files, source, index, extra)
  local piece = redis.call('HGET', files, piece_field(source, index))
  if not piece then return 0 end
  return #piece + tonumber(redis.call('HGET', files, elsewhere_field(source, index)) or 0) + extra
end

local function bytes_of(files) return tonumber(redis.call('HGET', files, 'b') or 0) end

-- The record of an upload: until when it is kept, the number of its pieces, what they count, the highest index,
-- and how many were replaced; nil when there is none.
local function parse_upload(record)
  local till, source, bytes, last, replaced = string.match(record, '^(%d+) (%d+) (%d+) (%d+) (%d+)$')
  return {
    till = tonumber(till), source = tonumber(source), bytes = tonumber(bytes), last = tonumber(last),
    replaced = tonumber(replaced),
  }
end

-- Another one as soon as a piece was replaced, and for another upload of that name.
local function revision_of(upload) return int(upload.source) .. '.' .. int(upload.replaced) end

local function upload_of(uploads, name)
  local record = redis.call('HGET', uploads, name)
  return record and parse_upload(record) or nil
end

-- Marks of pieces that are gone and whose bytes lie elsewhere still.
local function gone_of(files)
  local gone = redis.call('HGET', files, 'g')
  return gone and cmsgpack.unpack(gone) or {}
end

local function save_gone(files, gone)
  if #gone > 0 then redis.call('HSET', files, 'g', cmsgpack.pack(gone)) else redis.call('HDEL', files, 'g') end
end

-- Takes note of a piece that goes, if its bytes lie elsewhere.
local function note_gone(gone, files, source, index)
  if redis.call('HEXISTS', files, elsewhere_field(source, index)) == 1 then
    gone[#gone + 1] = redis.call('HGET', files, piece_field(source, index))
  end
end

-- How many pieces there are from the first one on.
local function pieces_of(files, upload)
  local count = 0
  while redis.call('HEXISTS', files, piece_field(upload.source, count)) == 1 do count = count + 1 end
  return count
end

-- Ends an upload, drops its pieces from `first` on, and gives back what these counted.
local function drop_upload(files, uploads, name, upload, first, bytes)
  local gone = gone_of(files)
  for index = first, upload.last do
    note_gone(gone, files, upload.source, index)
    redis.call('HDEL', files, piece_field(upload.source, index), elsewhere_field(upload.source, index))
  end
  save_gone(files, gone)
  redis.call('HSET', files, 'b', int(bytes_of(files) - bytes))
  redis.call('HDEL', uploads, name)
end

-- Forgets the uploads that are past their time.
local function prune_uploads(files, uploads, now)
  local all = redis.call('HGETALL', uploads)
  for i = 1, #all, 2 do
    local upload = parse_upload(all[i + 1])
    if is_over(upload.till, now) then drop_upload(files, uploads, all[i], upload, 0, upload.bytes) end
  end
end
