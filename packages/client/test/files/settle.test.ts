import { HoldfastError } from '@holdfast/protocol';
import { expect, test, vi } from 'vitest';
import { settle } from '../../src/files/settle.ts';
import { createShownData } from '../../src/files/shown-data.ts';
import { createValues } from '../../src/files/values.ts';

const digest = 'd'.repeat(43);
const file = `holdfast:file/${digest}`;
const address = `/api/chat/s1/files/${digest}`;
const reference = { $holdfast: digest, bytes: 20_000 };
const value = { rows: [1, 2, 3], $holdfast: 'the value says so itself' };
/** As text comes: nothing of it is shared with what a test compares it with. */
const fresh = <T>(of: T): T => JSON.parse(JSON.stringify(of)) as T;

function played(answer: (path: string) => unknown = () => value) {
  const reported: unknown[] = [];
  const data = createShownData();
  const repeat = vi.fn(async (path: string): Promise<unknown> => {
    await Promise.resolve();
    return fresh(answer(path));
  });
  const ports = {
    report: (error: unknown) => reported.push(error),
    route: () => ({ repeat, urlOf: (path: string) => `/api/chat/${path}` }),
  };
  const fetchValues = createValues(ports);
  return {
    data,
    repeat,
    reported,
    settled: <T extends object>(came: T, query?: string) =>
      settle(ports, { data, fetchValues, session: 's1', query }, fresh(came)),
  };
}

const entry = (d: object) => ({ t: 'entry', s: 's1', p: '1-1', i: '2-1', d });
const part = (url: string) => ({ type: 'file', mediaType: 'image/png', url });
const message = (of: object) => ({
  id: 'm',
  role: 'user',
  parts: [{ type: 'text', text: 'hi' }, of],
});
const output = (of: unknown) => ({ type: 'tool-output-available', toolCallId: 'c', output: of });

test.each<[string, (of: object) => object]>([
  ['an entry with a message', (of) => entry({ k: 'message', message: message(of) })],
  ['an entry with chunks', (of) => entry({ k: 'chunks', run: 'r', c: [of] })],
  ['an answer', (of) => entry({ k: 'answer', messageId: 'm', chunks: [of] })],
  ['a steer', (of) => entry({ k: 'steer', run: 'r', message: message(of) })],
  ['the queue', (of) => entry({ k: 'queue', add: { id: 'q', messages: [message(of)] } })],
  ['a message of a snapshot', (of) => ({ t: 'snap', items: [{ id: 'm', message: message(of) }] })],
  ['its chunks', (of) => ({ t: 'snap', items: [{ segments: [{ run: 'r', chunks: [of] }] }] })],
  ['its queue', (of) => ({ t: 'snap', items: [], queue: [{ messages: [message(of)] }] })],
  ['its runs', (of) => ({ t: 'snap', runs: [{ steers: [{ message: message(of) }] }] })],
  ['a page', (of) => ({ messages: [message(of)], before: null })],
  ['answers that stand', (of) => ({ answers: [of] })],
])('HF-FILE-2 HF-FILE-3 what %s refers to is put there', async (_, within) => {
  const { settled } = played();
  expect(await settled(within(part(file)))).toEqual(within(part(address)));
  expect(await settled(within(output(reference)))).toEqual(within(output(value)));
});

test('HF-FILE-3 nothing that a part says itself is taken for a reference', async () => {
  const { settled, repeat } = played();
  const said = entry({
    k: 'chunks',
    c: [
      output({ url: file, deep: { of: reference }, parts: [part(file)] }),
      { type: 'text-delta', id: 't', delta: file },
    ],
  });
  expect(await settled(said)).toEqual(said);
  expect(repeat).not.toHaveBeenCalled();
});

test.each<[string, object]>([
  ['metadata of a message', { k: 'message', message: { id: 'm', metadata: reference, parts: [] } }],
  ['metadata in a chunk', { k: 'chunks', c: [{ type: 'start', messageMetadata: reference }] }],
  ['the run', { k: 'chunks', run: reference, c: [] }],
  ['what is no digest', { k: 'chunks', c: [output({ $holdfast: '../../../x?y=1', bytes: 1 })] }],
  ['a longer one', { k: 'chunks', c: [output({ ...reference, $holdfast: `${digest}/../x` })] }],
  ['no text', { k: 'chunks', c: [output({ ...reference, $holdfast: [digest, '..'] })] }],
])(
  'HF-FILE-3 in the place of %s no reference is looked for, and nothing asked for',
  async (_, d) => {
    const { settled, repeat, reported } = played();
    expect(await settled(entry(d))).toEqual(entry(d));
    const { k: __, ...held } = d as { k: string };
    const snapshot = { t: 'snap', items: [held] };
    expect(await settled(snapshot)).toEqual(snapshot);
    expect(repeat).not.toHaveBeenCalled();
    expect(reported).toEqual([]);
  },
);

test('HF-FILE-8 the query that the server gave stands behind the address', async () => {
  const { settled } = played();
  const came = await settled(message(part(file)), 'u=1&s=x');
  expect(came.parts[1]).toEqual(part(`${address}?u=1&s=x`));
});

test('what this page has sent is shown as it has it', async () => {
  const { settled, data } = played();
  const url = 'data:image/png;base64,AAAA';
  data.add('s1', digest, url);
  expect((await settled(message(part(file)))).parts[1]).toEqual(part(url));
  expect(data.urlOf('s2', digest)).toBeUndefined();
  expect(data.digestOf('s2', url, false)).toBeUndefined();
});

test('data that this page has sent are named once without being sent, and the oldest are forgotten', () => {
  const { data } = played();
  const large = (name: string) => `data:,${name.repeat(16_000_000)}`;
  data.add('s1', 'one', large('a'));
  expect(data.digestOf('s1', large('a'), true)).toBe('one');
  expect(data.digestOf('s1', large('a'), true)).toBeUndefined();
  expect(data.digestOf('s1', large('a'), false)).toBe('one');
  data.add('s1', 'two', large('b'));
  expect(data.urlOf('s1', 'one')).toBeDefined();
  data.add('s1', 'three', large('c'));
  expect(data.urlOf('s1', 'one')).toBeUndefined();
  expect(data.urlOf('s1', 'three')).toBeDefined();
});

test('values are asked for four at a time, and five times each at most', async () => {
  let open = 0;
  let most = 0;
  const { settled, repeat } = played();
  repeat.mockImplementation(async () => {
    most = Math.max(most, ++open);
    await new Promise((resolve) => void setImmediate(resolve));
    open--;
    return 1;
  });
  const values = Array.from({ length: 9 }, (_, at) => ({ $holdfast: `${at}`.padEnd(43, 'x') }));
  await settled(entry({ c: [...values, reference].map(output) }));
  expect(most).toBe(4);
  expect(repeat).toHaveBeenCalledTimes(10);
  expect(repeat).toHaveBeenCalledWith(`s1/files/${digest}`, { most: 5 });
});

const many = (count: number, bytes = 20_000) =>
  Array.from({ length: count }, (_, at) => ({ $holdfast: `${at}`.padEnd(43, 'x'), bytes }));
const chunksOf = (came: object) => (came as { d: { c: readonly { readonly type: string }[] } }).d.c;
/** What a server has: of each value, its digest. */
const digestsIn = (path: string): string[] => path.split('/').at(-1)?.split(',') ?? [];

test.each([
  ['all that are asked for', 64],
  ['some of them', 5],
  ['one', 1],
])(
  'HF-FILE-15 many values are asked for together, where the server answers %s',
  async (_, most) => {
    const { settled, repeat, reported } = played((path) =>
      path.includes(',') ? { values: digestsIn(path).slice(0, most) } : digestsIn(path)[0],
    );
    const values = many(150);
    const came = await settled(entry({ c: values.map(output) }));
    expect(chunksOf(came)).toEqual(values.map(({ $holdfast }) => output($holdfast)));
    expect(reported).toEqual([]);
    const asked = repeat.mock.calls.map(([path]) => digestsIn(path).length);
    expect(Math.max(...asked)).toBe(52);
    expect(asked.length).toBe(most === 64 ? 3 : Math.ceil(52 / most) * 2 + Math.ceil(46 / most));
  },
);

test('HF-FILE-15 values that are large go by few, and so few as a page may have each by itself', async () => {
  const { settled, repeat } = played((path) =>
    path.includes(',') ? { values: digestsIn(path) } : digestsIn(path)[0],
  );
  await settled(entry({ c: many(40, 400_000).map(output) }));
  expect(repeat).toHaveBeenCalledTimes(20);
  repeat.mockClear();
  await settled(entry({ c: many(16).map(output) }));
  expect(repeat).toHaveBeenCalledTimes(16);
});

test('HF-FILE-15 a server that does not know of several values is asked for each', async () => {
  const { settled, repeat, reported } = played((path) => {
    if (path.includes(',')) throw new HoldfastError('not_found', 'unable to answer');
    return digestsIn(path)[0];
  });
  const values = many(60);
  const came = await settled(entry({ c: values.map(output) }));
  expect(chunksOf(came)).toEqual(values.map(({ $holdfast }) => output($holdfast)));
  expect(repeat).toHaveBeenCalledTimes(62);
  expect(reported).toEqual([]);
});

test('HF-FILE-15 of several values the one that is gone is told in its place, and of none more where the server is away', async () => {
  const gone = many(60)[30]?.$holdfast;
  const lost = new HoldfastError('not_found', 'unable to read the file: there is none');
  const { settled, repeat, reported } = played((path) => {
    const digests = digestsIn(path);
    if (digests[0] === gone) throw lost;
    const values = digests.slice(0, digests.indexOf(gone ?? '') >>> 0);
    return path.includes(',') ? { values } : digests[0];
  });
  const came = await settled(entry({ c: many(60).map(output) }));
  expect(chunksOf(came).filter(({ type }) => type === 'tool-output-error')).toHaveLength(1);
  expect(chunksOf(came)[31]).toEqual(output(many(60)[31]?.$holdfast));
  expect(reported).toEqual([lost]);
  repeat.mockReset().mockRejectedValue(new HoldfastError('unavailable', 'unable to answer'));
  const none = await settled(entry({ c: many(60).map(output) }));
  expect(chunksOf(none).filter(({ type }) => type === 'tool-output-error')).toHaveLength(60);
  expect(repeat).toHaveBeenCalledTimes(2);
});

test('HF-CLI-8 a value that is being fetched is not asked for again, and each place has its own', async () => {
  const { settled, repeat } = played();
  const both = await Promise.all([
    settled(entry({ c: [output(reference), output(reference)] })),
    settled(entry({ c: [output(reference)] })),
  ]);
  expect(repeat).toHaveBeenCalledTimes(1);
  const values = both.flatMap(({ d }) =>
    (d as { c: { output: unknown }[] }).c.map((c) => c.output),
  );
  expect(values).toEqual([value, value, value]);
  expect(new Set(values).size).toBe(3);
  await settled(entry({ c: [output(reference)] }));
  expect(repeat).toHaveBeenCalledTimes(2);
});

const words: unknown = expect.stringMatching(
  /^unable to load this part, reload the page to try again: .+/,
);
const chunkOf = (type: string, more: object) => ({ type, toolCallId: 'c', ...more });
const held = (state: string, more: object) => ({ type: 'tool-x', toolCallId: 'c', state, ...more });

test.each<[string, object, object]>([
  [
    'an output',
    output(reference),
    chunkOf('tool-output-error', { output: undefined, errorText: words }),
  ],
  [
    'an input',
    chunkOf('tool-input-available', { toolName: 'x', input: reference }),
    chunkOf('tool-input-error', { toolName: 'x', input: undefined, errorText: words }),
  ],
  [
    'the output of a part',
    held('output-available', { input: 1, output: reference }),
    held('output-error', { input: 1, output: undefined, errorText: words }),
  ],
  [
    'data',
    { type: 'data-x', data: reference },
    { type: 'data-x', data: { ...reference, error: words } },
  ],
])('%s that cannot be had is told in its place, and to onError', async (_, of, expected) => {
  const error = new HoldfastError('not_found', 'unable to read the file: there is none');
  const { settled, reported } = played(() => {
    throw error;
  });
  expect(await settled(entry({ c: [of] }))).toEqual(entry({ c: [expected] }));
  expect(reported).toEqual([error]);
});
