// What a session relies on. check-guards.mjs takes it out, piece by piece: each time a test has to fail.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Guard
 * @property {string} name what would be possible without it
 * @property {string} file
 * @property {string} code of the guard, which stands there once
 * @property {string} [without] what stands there instead
 * @property {readonly string[]} tests arguments for vitest
 */

const log = 'packages/log/src';
const server = 'packages/server/src';
const inMemory = ['--project=log', 'test/memory.test.ts'];
const inRedis = ['--project=log', 'test/redis.test.ts'];
const onServer = (file) => ['--project=server (ai 7)', file];
const onClient = (file) => ['--project=client', file];

/** @type {readonly Guard[]} */
export const guards = [
  {
    name: 'a writer that was taken over goes on writing (memory)',
    file: `${log}/memory/runs.ts`,
    code: "if (attempt < run.attempt) return { kind: 'fenced' };\n  // An attempt that",
    without: '// An attempt that',
    tests: inMemory,
  },
  {
    name: 'a writer that was taken over goes on writing (Redis)',
    file: `${log}/redis/lua/append.lua`,
    code: 'if tonumber(attempt) < tonumber(held) then return { 4 } end',
    tests: inRedis,
  },
  {
    name: 'an entry that is sealed for one place is written in another (memory)',
    file: `${log}/memory/state.ts`,
    code: 'if (!isThere) throw movedTo({ epoch, id: top });',
    tests: inMemory,
  },
  {
    name: 'an entry that is sealed for one place is written in another (Redis)',
    file: `${log}/redis/lua/append.lua`,
    code: 'if moved(epoch, prev, of, behind) then return { 8, epoch, prev } end',
    tests: inRedis,
  },
  {
    name: 'a send starts a run beside the one that it was to wait for (memory)',
    file: `${log}/memory/sends.ts`,
    code: "if (idle && state.runs.size > 0) return 'busy';",
    tests: inMemory,
  },
  {
    name: 'a send starts a run beside the one that it was to wait for (Redis)',
    file: `${log}/redis/lua/send.lua`,
    code: "if string.sub(field, 1, 2) == 'r:' then return { 6 } end",
    tests: inRedis,
  },
  {
    name: 'a session that has expired unseen begins empty, although its history is known',
    file: `${log}/memory/sends.ts`,
    code: "if (begun && !exists(state)) return 'gone';",
    tests: onServer('test/commands/load-gone.test.ts'),
  },
  {
    name: 'a send relies on an entry that the log has lost (memory)',
    file: `${log}/memory/sends.ts`,
    code: "return why !== null && why !== 'trimmed';",
    tests: inMemory,
  },
  {
    name: 'a send relies on an entry that the log has lost (Redis)',
    file: `${log}/redis/lua/send.lua`,
    code: 'if session and not is_held(session, ARGV[16]) then return { 4 } end',
    tests: inRedis,
  },
  {
    name: 'a client that knows more than was delivered is not told that it was lost',
    file: `${server}/session/hub.ts`,
    code: '  compared(): void {\n    this.#broadcaster = tell(this.#listeners, advance, this.#broadcaster);',
    without: '  compared(): void {',
    tests: onServer('test/integration/failover.test.ts'),
  },
  {
    name: 'a send cuts off what its sender has not seen',
    file: `${log}/memory/sends.ts`,
    code: "if (noSendSince && isStale(state, noSendSince)) return 'stale';",
    tests: inMemory,
  },
  {
    name: 'a repeated send starts a second run',
    file: `${log}/memory/sends.ts`,
    code: 'if (first) return first;',
    tests: inMemory,
  },
  {
    name: 'a stop of one run reaches another one',
    file: `${server}/runs/follow-run.ts`,
    code: 'this.#followers.get(news.run) ?? []',
    without: '[...this.#followers.values()].flatMap((all) => [...all])',
    tests: onServer('test/runs/watch-run.test.ts'),
  },
  {
    name: 'a steer gets into the log behind its run’s end',
    file: `${log}/memory/sends.ts`,
    code: "if (runLive !== undefined && !state.runs.has(runLive)) return 'ended';",
    tests: inMemory,
  },
  {
    name: 'a second answer to a tool call counts as well',
    file: `${server}/commands/answers.ts`,
    code: 'if (left.delete(key)) accepted.push(cleaned);',
    without: 'accepted.push(cleaned);',
    tests: onServer('test/commands/answers.test.ts'),
  },
  {
    name: 'a client says what a call with an approval gave',
    file: `${server}/commands/answers.ts`,
    code: 'if (open.has(key) && asked.has(key))',
    without: 'if (false)',
    tests: onServer('test/commands/client-tools.test.ts'),
  },
  {
    name: 'a client says what a tool of the server gave',
    file: `${server}/commands/answers.ts`,
    code: "if (open.has(key) && cleaned.type !== 'tool-approval-response') check(mayAnswer(key));",
    tests: onServer('test/commands/client-tools.test.ts'),
  },
  {
    name: 'what the application takes goes under another id or role',
    file: `${server}/commands/send/admit-message.ts`,
    code: ', id: given.id, role: given.role',
    tests: onServer('test/http/admission.test.ts'),
  },
  {
    name: 'a provider is given a call without a result',
    file: `${server}/runs/prompt.ts`,
    code: 'await withEndedCalls(message, own)',
    without: 'message',
    tests: onServer('test/commands/dangling.test.ts'),
  },
  {
    name: 'an operator writes what an agent acts upon',
    file: `${server}/commands/send/admit-message.ts`,
    code: 'checkKinds(message, participant);',
    tests: onServer('test/http/admission.test.ts'),
  },
  {
    name: 'a user writes in the name of an operator or another agent',
    file: 'packages/server/src/marks.ts',
    code: "text.replaceAll(/[⟦⟧]/g, (mark) => marks[mark] ?? '')",
    without: 'text',
    tests: onServer('test/view-of.property.test.ts'),
  },
  {
    name: 'a client takes a command of the server’s own',
    file: `${server}/runs/own-command.ts`,
    code: '`\\u0001${',
    without: '`${',
    tests: onServer('test/edge/names.test.ts'),
  },
  {
    name: 'who wrote a message is forgotten when it is stored',
    file: 'packages/server/src/session/stored-item.ts',
    code: 'JSON.stringify({ id, message, by, unfinished } satisfies StoredItem)',
    without: 'JSON.stringify({ id, message, unfinished } satisfies StoredItem)',
    tests: onServer('test/session/authors.test.ts'),
  },
  {
    name: 'a list is refused for lacking an answer that failed long ago',
    file: `${server}/session/ended-well.ts`,
    code: 'item.unfinished !== true',
    without: 'true',
    tests: onServer('test/http/settled-lists.test.ts'),
  },
  {
    name: 'a run goes on with a call that has no result',
    file: `${server}/commands/send/draft.ts`,
    code: "if (openCalls !== 'keep' && lacksAnswers(projection, continues, answers))",
    without: 'if (false)',
    tests: onServer('test/commands/answers.test.ts'),
  },
  {
    name: 'who writes is taken for lost (memory)',
    file: `${log}/memory/runs.ts`,
    code: '  run.leaseUntil = now + run.leaseMs;',
    tests: inMemory,
  },
  {
    name: 'who writes is taken for lost (Redis)',
    file: `${log}/redis/lua/append.lua`,
    code: "    if redis.call('PEXPIRE', lease, lease_ms) == 0 then redis.call('SET', lease, attempt, 'PX', lease_ms) end\n",
    without: '',
    tests: inRedis,
  },
  {
    name: 'a lease that is suspected, or of an attempt before, is taken for renewed (Redis)',
    file: `${log}/redis/lua/append.lua`,
    code: " and attempt == held and suspected == '0'",
    without: '',
    tests: ['--project=log', 'test/redis-appends.test.ts'],
  },
  {
    name: 'a run is lost at the first look (Redis)',
    file: `${log}/redis/lua/suspect.lua`,
    code: 'if age < grace then return { 1, grace - age } end',
    tests: inRedis,
  },
  {
    name: 'a process reaps what it writes itself',
    file: 'packages/server/src/upkeep/reap.ts',
    code: ' || attempts.renew(session, run, attempt)',
    tests: onServer('test/upkeep/own-runs.test.ts'),
  },
  {
    name: 'two processes have one attempt of a run (memory)',
    file: `${log}/memory/runs.ts`,
    code: "if (run.holder !== holder) return { kind: 'fenced' };",
    tests: inMemory,
  },
  {
    name: 'two processes have one attempt of a run (Redis)',
    file: `${log}/redis/lua/renew.lua`,
    code: "if known and known ~= holder and string.match(known, '^%d+') == int(attempt) then return { 2 } end",
    tests: inRedis,
  },
  {
    name: 'a run is taken from a process that is alive',
    file: `${log}/memory/runs.ts`,
    code: "if (conditions?.lapsed && run.leaseUntil > now) return { kind: 'refused', why: 'leased' };",
    tests: inMemory,
  },
  {
    name: 'what an attempt has written stays beside the words of the next',
    file: 'packages/protocol/src/projection/segments.ts',
    code: 'if (run === superseded) segment.fold = fold.sealed;',
    tests: onServer('test/integration/crashes.property.test.ts'),
  },
  {
    name: 'a later attempt does a step again that the log has',
    file: `${server}/runs/steps.ts`,
    code: 'if (before) return before.result as T;',
    tests: onServer('test/upkeep/take-over.test.ts'),
  },
  {
    name: 'another attempt loses what was sealed',
    file: 'packages/protocol/src/projection/session-projection.ts',
    code: 'if (entry.seals) this.#seal(entry.run);',
    tests: onServer('test/engines/adopt.test.ts'),
  },
  {
    name: 'a row of users with a role of its own makes an operator',
    file: `${server}/rights/participant.ts`,
    code: 'isOperator(given) ? {',
    without: "isOperator(given) || given.role === 'operator' ? {",
    tests: onServer('test/rights/authentication.test.ts'),
  },
  {
    name: 'a closed stream of a stock client stops its run unasked',
    file: `${server}/http/stream-run.ts`,
    code: 'if ((stops || reason === stopAsked) && !right.isOver)',
    without: 'if (!right.isOver)',
    tests: ['--project=client (ai 7)', 'test/integration/stock-stop.test.ts'],
  },
  {
    name: 'an encoded verb passes an `authorize` that reads the URL',
    file: `${server}/edge/normal-request.ts`,
    code: "segment.includes('%')",
    without: 'false',
    tests: onServer('test/edge/door-rules.test.ts'),
  },
  {
    name: 'a refused body takes the connection along',
    file: `${server}/edge/reply.ts`,
    code: 'isWhole(incoming) ? write(outgoing, response) : refuse(incoming, outgoing, response)',
    without: 'write(outgoing, response)',
    tests: onServer('test/edge/doors.test.ts'),
  },
  {
    name: 'a refused peer that never closes stays',
    file: `${server}/gateway/lobby.ts`,
    code: 'if (!isSettled()) socket.destroy();',
    tests: onServer('test/gateway/upgrades.test.ts'),
  },
  {
    name: 'a page of an origin that is not listed may read answers',
    file: `${server}/http/cors.ts`,
    code: 'if (origin === null || !isOtherOriginAllowed(request.headers, origins)) return response;',
    without: 'if (origin === null) return response;',
    tests: onServer('test/http/cors.test.ts'),
  },
  {
    name: 'pages of other ports of the machine are let in in production',
    file: `${server}/origin.ts`,
    code: "process.env.NODE_ENV === 'development' &&",
    tests: onServer('test/http/cors.test.ts'),
  },
  {
    name: 'a socket of another host comes from any site',
    file: `${server}/gateway/gateway.ts`,
    code: 'if (!isOriginAllowed(request.headers, this.#core.origins)) return closeCodes.forbidden;',
    tests: onServer('test/gateway/upgrades.test.ts'),
  },
  {
    name: 'a request speaks for the stream of another participant',
    file: `${server}/session/addresses.ts`,
    code: 'address?.participant.id === participant ? address : undefined',
    without: 'address',
    tests: onServer('test/session/presence.test.ts'),
  },
  {
    name: 'who was reset goes on from in front of that',
    file: `${server}/gateway/event-text.ts`,
    code: "small.t === 'reset' ? '' : null",
    without: 'null',
    tests: onServer('test/gateway/event-parts.test.ts'),
  },
  {
    name: 'a stream grows without end for who does not read it',
    file: `${server}/gateway/event-body.ts`,
    code: 'return this.#waiting;',
    without: 'return 0;',
    tests: onServer('test/gateway/event-parts.test.ts'),
  },
  {
    name: 'two clients execute one tool call (memory)',
    file: `${log}/memory/claims.ts`,
    code: 'if (claim && claim.holder !== holder && claim.until > now)',
    without: 'if (false)',
    tests: inMemory,
  },
  {
    name: 'two clients execute one tool call (Redis)',
    file: `${log}/redis/lua/claim.lua`,
    code: 'if holder ~= ARGV[2] and not is_over(till, now) then',
    without: 'if false then',
    tests: inRedis,
  },
  {
    name: 'a writer forgets what it may have to send again',
    file: `${server}/runs/writer.ts`,
    code: '      this.tail.push(written);\n',
    tests: onServer('test/runs/writer.test.ts'),
  },
  {
    name: 'a message that is told of again has another key',
    file: `${server}/upkeep/hook-delivery.ts`,
    code: 'const key = `${epoch',
    without: 'const key = `${Math.random() + epoch',
    tests: onServer('test/upkeep/hook-delivery.test.ts'),
  },
  {
    name: 'nobody goes on where a process died that told the application',
    file: `${server}/upkeep/topic.ts`,
    code: 'if (!this.#passes.has(session)) await this.#start(session, reminder);',
    tests: onServer('test/upkeep/hook-delivery.test.ts'),
  },
  {
    name: 'entries are dropped before whoever was away comes back',
    file: `${server}/upkeep/checkpointer.ts`,
    code: ' + this.#options.limits.tailMs',
    tests: onServer('test/upkeep/checkpointer.test.ts'),
  },
  {
    name: 'a delivery is taken although the one before it was lost',
    file: `${log}/feed/feed.ts`,
    code: 'if (prev !== this.#position.id) {',
    without: 'if (false) {',
    tests: ['--project=log', 'test/feeds.test.ts'],
  },
  {
    name: 'a session is known no further than one read goes',
    file: `${server}/session/view.ts`,
    code: 'else if (read.entries.length === 0 || this.#position.id === read.top) return;',
    without: 'else return;',
    tests: onServer('test/session/view.test.ts'),
  },
  {
    name: 'a reader is given what another session of that name has behind its place',
    file: `${server}/session/cursor.ts`,
    code: 'if (!isSame || ',
    without: 'if (',
    tests: onServer('test/session/cursor.test.ts'),
  },
  {
    name: 'who follows live is not told that the log was lost',
    file: `${server}/gateway/subscription.ts`,
    code: '    this.#pendingReset = why;\n    this.#flow.pump();',
    tests: onServer('test/gateway/subscription.test.ts'),
  },
  {
    name: 'frames that wait for a slow application fill the memory',
    file: `${server}/gateway/connection.ts`,
    code: ' || this.#queue?.isFullFor(bytes)',
    tests: onServer('test/gateway/frame-queue.test.ts'),
  },
  {
    name: 'a session that was deleted cannot be followed again',
    file: `${server}/gateway/subscriptions.ts`,
    code: "    this.unfollow(session);\n    this.#owner.send({ t: 'closed', s: session, why: 'deleted' });",
    without: "    this.#owner.send({ t: 'closed', s: session, why: 'deleted' });",
    tests: onServer('test/gateway/connection.test.ts'),
  },
  {
    name: 'a client is given what a run says that was superseded',
    file: 'packages/client/src/session/transcript.ts',
    code: ' || run.attempt !== attempt) return;',
    without: ') return;',
    tests: onClient('test/session/transcript.test.ts'),
  },
  {
    name: 'strangers have a server read and parse what only a send may be as large as',
    file: `${server}/http/large-body.ts`,
    code: '        held ??= core.largeBodies.hold(await sender(begins));\n        held.take(bytes);\n',
    tests: onServer('test/http/large-body.test.ts'),
  },
  {
    name: 'a file is given to who may not read its session',
    file: `${server}/http/files.ts`,
    code: "return (await admit(core, request, 'read', session)).id;",
    without: "return 'anybody';",
    tests: onServer('test/http/files.test.ts'),
  },
  {
    name: 'a signed URL of a file never ends',
    file: `${server}/files/file-links.ts`,
    code: "if (Number(until) <= this.#environment.date()) return { kind: 'expired' };",
    tests: onServer('test/http/files.test.ts'),
  },
  {
    name: 'a value that looks like a reference is taken for one',
    file: `${server}/files/keep-large.ts`,
    code: 'isForged(name, value) ? 0 : ',
    tests: onServer('test/runs/large-chunks.test.ts'),
  },
  {
    name: 'whoever has some token writes runs',
    file: `${server}/http/writer-commands.ts`,
    code: 'if (allowed !== true) throw notAllowed();',
    tests: onServer('test/writers/writer-commands.test.ts'),
  },
  {
    name: 'a write is acknowledged before its replicas have it',
    file: `${log}/redis/committer.ts`,
    code: "if (typeof reply === 'number' && reply < replicas)",
    without: "if (typeof reply === 'number' && reply < 0)",
    tests: ['--project=log', 'test/redis-replicated.test.ts'],
  },
  {
    name: 'a run forgets how durable its send asked it to be',
    file: `${server}/runs/writer.ts`,
    code: 'const asked = durability && { durability };',
    without: 'const asked = durability && {};',
    tests: onServer('test/integration/durability.test.ts'),
  },
];

/** The name of the variable that tells vitest.config.ts which guard to leave out. */
export const variable = 'HOLDFAST_WITHOUT_GUARD';

/** The source without the guard. Throws when the guard does not stand there exactly once. */
export function withoutGuard({ name, file, code, without = '' }) {
  const [before, after, ...more] = readFileSync(
    fileURLToPath(new URL(`../${file}`, import.meta.url)),
    'utf8',
  ).split(code);
  if (after === undefined || more.length > 0)
    throw new Error(`unable to take the guard out: "${name}" does not stand in ${file} once`);
  return before + without + after;
}
