// Mutants that no test can tell from the source, each with the reason. A reason that says no more than
// that it is hard to test is none.

/**
 * @typedef {object} Equivalent
 * @property {string} file
 * @property {string} before the lines that are changed, in one
 * @property {string} after what they become
 * @property {string} reason
 */

/** @type {readonly Equivalent[]} */
export const equivalents = [
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
    file: 'packages/protocol/src/queue.ts',
    before: 'if (queue.length === 0) return queue;',
    after: ';',
    reason: 'spares work: the last line gives back the same empty queue',
  },
  {
    file: 'packages/protocol/src/answers.ts',
    before: 'let value = 7;',
    after: 'let value = 8;',
    reason: 'any number will do, as long as all who hash have the same, which is this line',
  },
  {
    file: 'packages/server/src/session/hub.ts',
    before: "if (epoch === '' || epoch !== known.epoch) return;",
    after: ';',
    reason: 'spares work: what is applied to another epoch is dropped by the read that follows',
  },
  {
    file: 'packages/server/src/session/hub.ts',
    before: "if (epoch === '' || epoch !== known.epoch) return;",
    after: "if (((epoch === '') && (epoch !== known.epoch))) return;",
    reason: 'spares work: what is applied to another epoch is dropped by the read that follows',
  },
  {
    file: 'packages/server/src/session/page-cursor.ts',
    before: 'if (epoch === undefined || place === undefined || digest === undefined)',
    after: 'if (((epoch === undefined) && (place === undefined)) || digest === undefined)',
    reason: 'a match has all three, and no match has none',
  },
  {
    file: 'packages/server/src/session/participants.ts',
    before: 'this.#others.delete(voice);',
    after: ';',
    reason:
      'spares memory: who is not there any more is dropped again with each tick, and stays away',
  },
  {
    file: 'packages/server/src/session/participants.ts',
    before: 'if (!key) return;',
    after: ';',
    reason: 'spares work: nothing is kept under no key',
  },
  {
    file: 'packages/server/src/session/prompt-at.ts',
    before: 'if (seqOf(now.position.id) < seqOf(id)) {',
    after: 'if (seqOf(now.position.id) <= seqOf(id)) {',
    reason: 'spares a read: a view at an entry of that number is at this one, or this one is lost',
  },
  {
    file: 'packages/server/src/session/ring.ts',
    before: 'if (this.#first > maxFrames) {',
    after: 'if (this.#first >= maxFrames) {',
    reason: 'spares moving: what is behind the first one is the same wherever the array is cut',
  },
  {
    file: 'packages/server/src/session/ring.ts',
    before: 'if (this.#first > maxFrames) {',
    after: 'if (!(this.#first > maxFrames)) {',
    reason: 'spares moving: what is behind the first one is the same wherever the array is cut',
  },
  {
    file: 'packages/server/src/session/roster.ts',
    before: 'this.#fresh ??= this.#tell();',
    after: 'this.#fresh = this.#tell();',
    reason: 'spares work: what is made anew is compared, and the old one given when it is the same',
  },
  {
    file: 'packages/client/src/session/session.ts',
    before: 'let unacknowledged = 0;',
    after: 'let unacknowledged = 1;',
    reason: 'nothing comes before a subscription, and each one begins with none',
  },
  {
    file: 'packages/protocol/src/projection/session-projection.ts',
    before: "const into = item ?? { kind: 'assistant', id, segments: [], version: 0 };",
    after: "const into = item ?? { kind: 'assistant', id, segments: [], version: 1 };",
    reason: 'any number will do: it is compared with what it was before, of the same item',
  },
  {
    file: 'packages/server/src/gateway/ws-socket.ts',
    before: 'stream.cork();',
    after: ';',
    reason: 'spares system calls: the same bytes go out in the same order',
  },
  {
    file: 'packages/server/src/gateway/outlet.ts',
    before: '#largest = 0;',
    after: '#largest = 1;',
    reason: 'what a socket sends first finds nothing waiting, and sets it',
  },
  {
    file: 'packages/server/src/upkeep/take-over.ts',
    before: 'const noticedMs = 600_000;',
    after: 'const noticedMs = 600001;',
    reason: 'it has to be many times what lies between two looks, and is not told to anybody',
  },
];
