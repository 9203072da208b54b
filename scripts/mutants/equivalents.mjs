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
    before: 'this.#others?.delete(voice);',
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
  {
    file: 'packages/server/src/runs/agent-pump.ts',
    before: 'const mayBeLarge = this.#batch.size > limits.inlineBytes;',
    after: 'const mayBeLarge = this.#batch.size >= limits.inlineBytes;',
    reason: 'spares work: what is looked at closely and is not large is written as it is',
  },
  {
    file: 'packages/server/src/runs/agent-pump.ts',
    before: "else signal.addEventListener('abort', () => resolve(), { once: true });",
    after: "else signal.addEventListener('abort', () => resolve(), { once: false });",
    reason: 'spares memory: a signal fires once',
  },
  {
    file: 'packages/server/src/runs/batch.ts',
    before: 'if (this.#size <= bytes) {',
    after: 'if (this.#size < bytes) {',
    reason: 'spares work: where all of them just fit, the loop takes all, too',
  },
  {
    file: 'packages/server/src/runs/batch.ts',
    before: 'this.#size = Math.max(0, this.#size - size);',
    after: 'this.#size = Math.max(1, this.#size - size);',
    reason: 'what is left has a chunk, and that more bytes than one',
  },
  {
    file: 'packages/server/src/runs/chunk-size.ts',
    before: 'const bytes = Math.max(0, ...sizes);',
    after: 'const bytes = Math.max(1, ...sizes);',
    reason: 'there is a chunk, and as JSON it has more bytes than one',
  },
  {
    file: 'packages/server/src/runs/chunk-size.ts',
    before: "const { type, toolCallId } = chunk ?? { type: '', toolCallId: undefined };",
    after: 'const { type, toolCallId } = chunk;',
    reason: 'there is a chunk of that size: the default is for the types alone',
  },
  {
    file: 'packages/server/src/http/events.ts',
    before: "else signal.addEventListener('abort', () => socket.cut(), { once: true });",
    after: "else signal.addEventListener('abort', () => socket.cut(), { once: false });",
    reason: 'spares memory: a signal fires once',
  },
  {
    file: 'packages/server/src/http/act.ts',
    before: "if (to < place) throw refused('bad_request', at, moved);",
    after: "if (to <= place) throw refused('bad_request', at, moved);",
    reason: 'a list names no message twice, so that it comes to no place again',
  },
  {
    file: 'packages/server/src/http/act.ts',
    before: 'const at = held.findIndex((each, index) => index > place && lacks(each));',
    after: 'const at = held.findIndex((each, index) => index >= place && lacks(each));',
    reason: 'the list has the message at the place that it has come to',
  },
  {
    file: 'packages/server/src/http/body.ts',
    before: "const type = request.headers.get('content-type') ?? '';",
    after: "const type = request.headers.get('content-type');",
    reason: 'patterns read null as the word, which is no content type',
  },
  {
    file: 'packages/server/src/http/body.ts',
    before: "if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw refusal();",
    after: "if (Number(request.headers.get('content-length')) > maxBytes) throw refusal();",
    reason: 'null is 0 as a number: the default is for the types alone',
  },
  {
    file: 'packages/server/src/http/body.ts',
    before: "if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw refusal();",
    after: "if (Number(request.headers.get('content-length') ?? 1) > maxBytes) throw refusal();",
    reason: 'no limit is of less than a byte',
  },
  {
    file: 'packages/server/src/http/admit.ts',
    before: "/^Bearer (.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];",
    after: "/^Bearer (.+)$/i.exec(request.headers.get('authorization'))?.[1];",
    reason: 'patterns read null as the word, which is no token',
  },
  {
    file: 'packages/server/src/http/compare-list.ts',
    before: 'const after = place === 0 ? null : ((await idAt(view, place - 1)) ?? null);',
    after: 'const after = place === 0 ? null : (await idAt(view, place - 1));',
    reason: 'in front of a place that is not the first there is a message',
  },
  {
    file: 'packages/server/src/http/place-send.ts',
    before: 'return place === 0 ? null : ((await idAt(view, place - 1)) ?? null);',
    after: 'return place === 0 ? null : (await idAt(view, place - 1));',
    reason: 'in front of a place that is not the first there is a message',
  },
  {
    file: 'packages/server/src/http/handler.ts',
    before:
      "if (!from) throw new HoldfastError('internal', 'unable to stream: the log gave no position');",
    after: ';',
    reason:
      'for the types alone: the position was written by this process, in the form that is read here',
  },
  {
    file: 'packages/server/src/upkeep/expire.ts',
    before: "command: ownCommand('expired', messageId, ...approvals).slice(0, 256),",
    after: "command: ownCommand('expired', messageId, ...approvals).slice(0, 257),",
    reason: 'any length will do that a name may have',
  },
  {
    file: 'packages/server/src/http/range.ts',
    before: "const [whole, first = '', last = ''] = one.exec(headers.get('range') ?? '') ?? [];",
    after: "const [whole, first = '', last = ''] = one.exec(headers.get('range')) ?? [];",
    reason: 'patterns read null as the word, which is no range',
  },
  {
    file: 'packages/server/src/http/files.ts',
    before: "const type = mediaType.split(';')[0]?.trim().toLowerCase() ?? '';",
    after: "const type = mediaType.split(';')[0]?.trim().toLowerCase();",
    reason: 'for the types alone: a text that is split has a first part',
  },
  {
    file: 'packages/server/src/http/files.ts',
    before: 'await pieces.return(undefined);',
    after: ';',
    reason: 'spares memory: what reads the pieces holds nothing that is to be given back',
  },
  {
    file: 'packages/server/src/http/files.ts',
    before: 'await pieces.return(undefined);',
    after: 'pieces.return(undefined);',
    reason: 'what reads the pieces has nothing to do when it is left',
  },
  {
    file: 'packages/server/src/commands/send/accepted.ts',
    before: 'through: own.entries.at(-1)?.id ?? own.before.id,',
    after: 'through: own.entries.at(-2)?.id ?? own.before.id,',
    reason: 'between the two stands the run’s own start, and no message that is sent to it',
  },
  {
    file: 'packages/server/src/runs/dispatch-run.ts',
    before: 'const retryForMs = 5_000;',
    after: 'const retryForMs = 5001;',
    reason: 'any time will do that a queue has long answered in; the caller repeats it',
  },
  {
    file: 'packages/server/src/commands/seed.ts',
    before: 'const [first] = await hub.project((_, __, view) => view.messages(0, 1));',
    after: 'const [first] = await hub.project((_, __, view) => view.messages(0, 2));',
    reason: 'the first of them is looked at alone',
  },
  {
    file: 'packages/server/src/runs/steps.ts',
    before: 'sizes.set(step, bytes);',
    after: ';',
    reason: 'spares work: the bytes are counted again',
  },
  {
    file: 'packages/server/src/runs/tail.ts',
    before: 'this.#bytes -= this.#entries.shift()?.size ?? 0;',
    after: 'this.#bytes -= this.#entries.shift()?.size;',
    reason: 'for the types alone: there is more than one',
  },
  {
    file: 'packages/server/src/runs/tail.ts',
    before: 'this.#bytes -= this.#entries.shift()?.size ?? 0;',
    after: 'this.#bytes -= this.#entries.shift()?.size ?? 1;',
    reason: 'for the types alone: there is more than one',
  },
];
