import fc from 'fast-check';

/** Texts of JSON values, and of such as only look like it, that have broken parsers before. */
const hazards = [
  'null',
  'true',
  '0',
  '-0',
  '1e400',
  '-1e400',
  '9007199254740993',
  '""',
  '"\\ud800"',
  '"\\udfff\\ud800"',
  '"\\u0000"',
  '"\\u2028"',
  '[]',
  '{}',
  '{"__proto__":{"t":"hello","v":1}}',
  '{"constructor":{"prototype":{"x":1}}}',
  '{"toString":null,"valueOf":null,"hasOwnProperty":1}',
  '{"then":{}}',
  '[null]',
  '[[]]',
  `${'['.repeat(31)}${']'.repeat(31)}`,
  `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`,
  'undefined',
  'NaN',
  '{',
  '"',
  '\u0000',
];

export const hazard: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...hazards) },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)) },
  {
    weight: 1,
    arbitrary: fc.string({ unit: 'binary', maxLength: 40 }).map((s) => JSON.stringify(s)),
  },
);

/** The value, or now and then something else in its place, or nothing. */
const either = (...valid: readonly unknown[]): fc.Arbitrary<string | undefined> =>
  fc.oneof(
    { weight: 16, arbitrary: fc.constantFrom(...valid.map((value) => JSON.stringify(value))) },
    { weight: 6, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: hazard },
  );

/** An object's text with these members, of which some are missing or of the wrong form. */
const objectText = (members: Readonly<Record<string, readonly unknown[]>>): fc.Arbitrary<string> =>
  fc
    .record(
      Object.fromEntries(Object.entries(members).map(([name, valid]) => [name, either(...valid)])),
    )
    .map((texts) =>
      Object.entries(texts)
        .filter(([, text]) => text !== undefined)
        .map(([name, text]) => `${JSON.stringify(name)}:${text}`)
        .join(),
    )
    .map((inner) => `{${inner}}`);

const ids = ['s0', 's1', 's2', 's3'];
const part = { type: 'text', text: 'Hi' };
const message = { id: 'm1', role: 'user', parts: [part] };
const chunk = { type: 'tool-output-available', toolCallId: 'c', output: 1 };

/** What each `POST` takes, by the last part of its path. */
export const bodies: Readonly<Record<string, fc.Arbitrary<string>>> = {
  '': objectText({
    id: ids,
    command: ['c1', 'c2'],
    trigger: ['submit-message', 'regenerate-message'],
    message: [message, { ...message, role: 'system' }, { ...message, parts: [null] }],
    after: [null, 'm1'],
    base: ['E:0-0', ':0-0'],
    continues: ['m1'],
    answers: [[chunk], []],
    expect: [null, 'm1'],
    whileBusy: ['queue', 'reject', 'steer'],
    wake: [true, false],
    to: ['agent'],
    metadata: [{ a: 1 }],
    body: [{ a: 1 }],
  }),
  stock: objectText({
    id: ids,
    messages: [[message], [{ ...message, parts: [null, part] }], []],
    trigger: ['submit-message', 'regenerate-message'],
    messageId: ['m1', null],
  }),
  answer: objectText({ messageId: ['m1'], answers: [[chunk], [null]] }),
  cancel: objectText({ run: ['r1'], command: ['c1'] }),
  claim: objectText({
    messageId: ['m1'],
    toolCallId: ['c'],
    holder: ['h'],
    release: [true, false],
  }),
  handoff: objectText({ to: ['me', 'agents'] }),
  presence: objectText({ conn: ['c1'], state: ['here', 'typing', 'away'] }),
  queue: objectText({ order: [['c1']], remove: [['c1'], []] }),
  steer: objectText({ run: ['r1'], message: [message] }),
  begin: objectText({
    agent: ['agent'],
    holder: ['h'],
    command: ['c1'],
    run: ['r1'],
    attempt: [1],
    parent: ['r1'],
    leaseMs: [1_000],
    metadata: [{ a: 1 }],
    body: [{ a: 1 }],
  }),
  append: objectText({
    agent: ['agent'],
    run: ['r1'],
    attempt: [1, 2],
    seq: [1, 2],
    chunks: [[chunk], [null], []],
  }),
  renew: objectText({ agent: ['agent'], run: ['r1'], attempt: [1], leaseMs: [1_000] }),
  end: objectText({
    agent: ['agent'],
    run: ['r1'],
    attempt: [1],
    seq: [1],
    outcome: ['finished', 'failed', 'stopped'],
    reason: ['r'],
    error: ['e'],
  }),
};

const tokens = ['a', 'no', 'slow', 'throw', 'never'];

/** What a client sends over its socket. */
export const frameText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('{"t":"hello","v":1}', '{"t":"ping"}', '{"t":"sub","r":1,"s":"s1"}'),
  objectText({
    t: ['hello', 'auth', 'sub', 'unsub', 'ack', 'cancel', 'presence', 'ping', 'pong', 'entry'],
    v: [1, 2],
    r: [1, 2],
    s: ids,
    token: tokens,
    pos: ['E:0-0', ':0-0', 'E:1-1'],
    i: ['1-1', '0-0'],
    run: ['r1'],
    command: ['c1'],
    state: ['here', 'typing', 'away'],
  }),
  hazard,
);
