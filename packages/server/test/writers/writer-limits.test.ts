import { describe, expect, it, vi } from 'vitest';
import { bearer, type SaidByWriter, setUp, type Told, words } from '../support/said-by-writer.ts';
import { allPages, join } from '../support/talk.ts';

describe('HF-WRT-4: what is large', () => {
  const output = { type: 'tool-output-available', toolCallId: 'c1' };
  const call = { type: 'tool-input-available', toolCallId: 'c1', toolName: 'look', input: {} };

  it.each([
    ['what a tool has given', 'a'.repeat(600_000)],
    ['what looks like a reference', { $holdfast: 'a'.repeat(43), bytes: 1 }],
  ])('%s is kept beside the log, and given whole to who writes next', async (_, value) => {
    const { session, server, ask, begin } = await setUp();
    const { named } = await begin();
    const chunks = [call, { ...output, output: value }];
    expect(await ask('append', { ...named, seq: 1, chunks })).toMatchObject({ next: 2 });
    await ask('end', { ...named, seq: 2, outcome: 'finished' });
    const { items } = await join(server, session);
    expect(JSON.stringify(items).length).toBeLessThan(1_000);
    const { messages } = (await ask('begin', { command: 'c2', holder: 'h2' })) as Told & {
      messages: readonly { parts: readonly object[] }[];
    };
    expect(messages[0]?.parts.at(-1)).toMatchObject({ state: 'output-available', output: value });
  });

  it('HF-WRT-7: so is the input of a call that an end cuts off, however long', async () => {
    const { server, session, ask, begin } = await setUp();
    const { named } = await begin();
    const delta = (inputTextDelta: string) => ({
      ...{ type: 'tool-input-delta', toolCallId: 'c1' },
      inputTextDelta,
    });
    const half = 'a'.repeat(150_000);
    const start = { type: 'tool-input-start', toolCallId: 'c1', toolName: 'look' };
    await ask('append', { ...named, seq: 1, chunks: [start, delta(`{"of":"${half}`)] });
    await ask('append', { ...named, seq: 2, chunks: [delta(half)] });
    expect(await ask('end', { ...named, seq: 3, outcome: 'failed' })).toEqual({ state: 'failed' });
    const [message] = await allPages(server, session);
    const call = message?.parts.at(-1) as Record<string, unknown> | undefined;
    expect(call?.rawInput ?? call?.input).toEqual({ of: half + half });
  });

  it('HF-WRT-7: a run ends also where its end cuts off more inputs than one entry takes', async () => {
    const { server, session, ask, begin } = await setUp({ limits: { entryBytes: 20_000 } });
    const { named } = await begin();
    const half = 'a'.repeat(8_000);
    for (const seq of [1, 2, 3]) {
      const toolCallId = `c${seq}`;
      const chunks = [
        { type: 'tool-input-start', toolCallId, toolName: 'look' },
        { type: 'tool-input-delta', toolCallId, inputTextDelta: `{"of":"${half}` },
      ];
      expect(await ask('append', { ...named, seq, chunks })).toMatchObject({ next: seq + 1 });
    }
    expect(await ask('end', { ...named, seq: 4, outcome: 'failed' })).toEqual({ state: 'failed' });
    const [message] = await allPages(server, session);
    const calls = (message?.parts ?? []) as readonly Record<string, unknown>[];
    expect(calls.map(({ state }) => state)).toEqual(Array(3).fill('output-error'));
    const inputs = calls.map(({ rawInput, input }) => rawInput ?? input);
    expect(inputs).toEqual([{ of: half }, { of: half }, {}]);
  });

  it('HF-WRT-7: and where it cuts off more texts', async () => {
    const { ask, begin, runs } = await setUp({ limits: { entryBytes: 20_000 } });
    const { named } = await begin();
    for (const seq of [1, 2]) {
      const chunks = Array.from({ length: 350 }, (_, at) => ({
        type: 'text-start',
        id: `t${seq * 350 + at}`,
      }));
      expect(await ask('append', { ...named, seq, chunks })).toMatchObject({ next: seq + 1 });
    }
    expect(await ask('end', { ...named, seq: 3, outcome: 'stopped' })).toEqual({
      state: 'stopped',
    });
    expect(await runs()).toMatchObject([{ state: 'stopped' }]);
  });
});

describe('HF-WRT-9: what a writer may not say', () => {
  const named = { run: 'r', attempt: 1, seq: 1 };
  const chunk = { type: 'text-end', id: 't' };
  const bad = [400, 'bad_request'] as const;
  const many = Array.from({ length: 1_001 }, () => chunk);
  const wanted = { command: 'c2', holder: 'h' };
  const ending = { ...named, outcome: 'finished' };
  it.each<[string, string, object]>([
    ['no agent', 'append', { ...named, agent: undefined, chunks: [chunk] }],
    ['a long agent', 'append', { ...named, agent: 'a'.repeat(65), chunks: [chunk] }],
    ['no run', 'append', { attempt: 1, seq: 1, chunks: [chunk] }],
    ['attempt 0', 'append', { ...named, attempt: 0, chunks: [chunk] }],
    ['seq 0', 'append', { ...named, seq: 0, chunks: [chunk] }],
    ['a broken seq', 'append', { ...named, seq: 1.5, chunks: [chunk] }],
    ['a text as seq', 'append', { ...named, seq: '1', chunks: [chunk] }],
    ['no chunks', 'append', { ...named, chunks: [] }],
    ['one chunk', 'append', { ...named, chunks: chunk }],
    ['too many chunks', 'append', { ...named, chunks: many }],
    ['a chunk without a kind', 'append', { ...named, chunks: [{ id: 't' }] }],
    ['a part of a model', 'append', { ...named, chunks: [{ type: 'text-delta', text: 'a' }] }],
    [
      'a thought without words',
      'append',
      { ...named, chunks: [{ type: 'reasoning-delta', delta: {} }] },
    ],
    ['neither command nor run', 'begin', { holder: 'h' }],
    ['command and run', 'begin', { ...wanted, run: 'r', attempt: 1 }],
    ['no holder', 'begin', { command: 'c2' }],
    ['a short lease', 'begin', { ...wanted, leaseMs: 999 }],
    ['a long lease', 'begin', { ...wanted, leaseMs: 3_600_001 }],
    ['a body that is none', 'begin', { ...wanted, body: 'a' }],
    ['a parent that is none', 'begin', { ...wanted, parent: 7 }],
    ['a long lease', 'renew', { ...named, leaseMs: 1e9 }],
    ['an outcome that is none', 'end', { ...named, outcome: 'lost' }],
    ['a long reason', 'end', { ...ending, reason: 'a'.repeat(65) }],
    ['a long error', 'end', { ...ending, error: 'a'.repeat(1_001) }],
  ])('%s, to %s', async (_, verb, body) => {
    const { status, runs } = await setUp();
    expect(await status(verb, body)).toEqual(bad);
    expect(await runs()).toEqual([]);
  });

  it('HF-HTTP-10: a name that is none, wherever it comes', async () => {
    const { status, runs } = await setUp();
    for (const name of [
      '',
      'a'.repeat(257),
      'a\u0000',
      '\u0001agent',
      '\ud800',
      '__proto__',
      {},
      [],
    ]) {
      for (const member of ['agent', 'holder', 'command', 'parent'])
        expect(await status('begin', { ...wanted, [member]: name })).toEqual(bad);
      for (const member of ['agent', 'run'])
        expect(await status('renew', { ...named, [member]: name })).toEqual(bad);
    }
    expect(await runs()).toEqual([]);
  });

  it('HF-HTTP-10: names of 256 characters, of any script, are names', async () => {
    const { ask } = await setUp();
    for (const name of ['名'.repeat(256), 'constructor']) {
      const agent = name.slice(0, 64);
      const begun = await ask('begin', { agent, command: name, holder: name });
      expect(begun.state).toBe('running');
    }
  });

  it('but as much as may be', async () => {
    const { ask, begin } = await setUp();
    for (const leaseMs of [1_000, 3_600_000]) {
      const asked = { command: `c${leaseMs}`, holder: 'h', leaseMs };
      expect(await ask('begin', asked)).toMatchObject({ state: 'running' });
    }
    const own = (await begin()).named;
    const deltas = Array.from({ length: 999 }, () => ({ type: 'text-delta', id: 't', delta: 'a' }));
    const chunks = [{ type: 'text-start', id: 't' }, ...deltas];
    expect(await ask('append', { ...own, seq: 1, chunks })).toMatchObject({ next: 2 });
    const most = { reason: 'a'.repeat(64), error: 'a'.repeat(1_000) };
    const ended = await ask('end', { ...own, seq: 2, outcome: 'failed', ...most });
    expect(ended).toEqual({ state: 'failed' });
  });

  it('more than an entry holds, or than a request', async () => {
    const { ask, begin, status, texts } = await setUp({ limits: { entryBytes: 20_000 } });
    const own = (await begin()).named;
    const large = { ...own, seq: 1, chunks: words('a'.repeat(20_000)) };
    expect(await status('append', large)).toEqual([413, 'too_large']);
    const huge = { ...own, seq: 1, chunks: words('a'.repeat(1_100_000)) };
    expect(await status('append', huge)).toEqual([413, 'too_large']);
    // Tools give megabytes, and nothing else does.
    const renewal = { ...own, more: 'a'.repeat(1_100_000) };
    expect(await status('renew', renewal)).toEqual([413, 'too_large']);
    expect(await ask('append', { ...own, seq: 1, chunks: words('fits') })).toMatchObject({
      next: 2,
    });
    expect(await texts()).toEqual(['fits']);
  });
});

describe('HF-HTTP-7: an append over requestBytes', () => {
  const limits = { requestBytes: 1_000, sendBytes: 100_000 };
  const post = ({ server, session }: Pick<SaidByWriter, 'server' | 'session'>, body: string) =>
    fetch(`${server.api}/${session}/append`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer },
      body,
    });

  it('is read no further than that where its sender may not write', async () => {
    const authorize = vi.fn(() => false);
    const own = await setUp({ limits, writers: { authorize } });
    // Whoever reads on finds out that it is no JSON.
    const refused = await post(own, `{"agent":"planner","chunks":${'x'.repeat(5_000)}`);
    expect(refused.status).toBe(403);
    expect(authorize).toHaveBeenCalledOnce();
    const session = expect.objectContaining({ agent: 'planner', sessionId: own.session });
    expect(authorize).toHaveBeenCalledWith(session);
  });

  it('is written where it names its agent before everything else', async () => {
    const own = await setUp({ limits });
    const { named } = await own.begin();
    const large = { ...named, seq: 1, chunks: words('x'.repeat(5_000)) };
    const hidden = await post(own, JSON.stringify({ ...large, agent: 'planner' }));
    expect(hidden.status).toBe(400);
    expect(await own.ask('append', large)).toMatchObject({ next: 2 });
    expect(await own.texts()).toEqual(['x'.repeat(5_000)]);
  });
});
