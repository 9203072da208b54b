/** @type {readonly import('../equivalents.mjs').Equivalent[]} */
export const equivalentsOfLog = [
  {
    file: 'packages/log/src/encrypted/places.ts',
    before: 'this.#tops.delete(session);',
    after: ';',
    reason:
      'spares work: of a session that was let go the first write is refused once, and goes again',
  },
  {
    file: 'packages/log/src/redis/lua/send.lua',
    before: "redis.call('SET', KEYS[8], 1, 'PX', ARGV[10])",
    after: "redis.call('SET', KEYS[8], 2, 'PX', ARGV[10])",
    reason: 'the lease is that the key is there; nobody reads what is in it',
  },
  {
    file: 'packages/log/src/redis/lua/shared.lua',
    before:
      "local entries = redis.call('XRANGE', log, '(' .. last, '+', 'COUNT', math.min(left, 32))",
    after:
      "local entries = redis.call('XRANGE', log, '(' .. last, '+', 'COUNT', math.min(left, 33))",
    reason:
      'the step is free to choose: a page ends by its entries and bytes, wherever a step does',
  },
  {
    file: 'packages/log/src/redis/appends.ts',
    before: 'if (appends.length > 1 && isApart(error)) {',
    after: 'if (appends.length >= 1 && isApart(error)) {',
    reason: 'all keys of a session have one slot: an append by itself is never refused so',
  },
];
