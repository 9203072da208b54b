import type { SessionLog } from '@holdfast/log';
import { HoldfastError } from '@holdfast/protocol';
import { describe, expect, it, vi } from 'vitest';
import type { Job } from '../../src/index.ts';
import { gatedAgent } from '../support/gated-agent.ts';
import { changed, eachStore } from '../support/logs.ts';
import { postJson } from '../support/post.ts';
import { bearer, type SaidByWriter, setUp, words } from '../support/said-by-writer.ts';
import { type TestServerOptions, userMessage } from '../support/server.ts';
import { echo, join, say } from '../support/talk.ts';

const verbs = ['begin', 'append', 'renew', 'end'];

describe('HF-WRT-1: who may write', () => {
  it.each(verbs)('nobody may %s on a server that has no writers', async (verb) => {
    const { status } = await setUp({ writers: undefined });
    expect(await status(verb, {})).toEqual([404, 'not_found']);
  });

  it.each(verbs)('nobody may %s without credentials of a writer, or as a browser', async (verb) => {
    const { server, status } = await setUp({ origins: ['https://app.example'] });
    expect(await status(verb, {}, {})).toEqual([401, 'unauthorized']);
    expect(await status(verb, {}, { authorization: 'Basic c2VjcmV0' })).toEqual([
      401,
      'unauthorized',
    ]);
    expect(await status(verb, {}, { authorization: 'Bearer user-1' })).toEqual([403, 'forbidden']);
    for (const mark of [
      { origin: server.origin },
      { origin: 'https://app.example' },
      { cookie: 'user=ann' },
      { 'sec-fetch-site': 'same-origin' },
    ])
      expect(await status(verb, {}, { ...bearer, ...mark })).toEqual([403, 'forbidden']);
  });

  it('is asked with what the request names, and only true is a yes', async () => {
    const authorize = vi.fn();
    const { session, status, runs } = await setUp({ writers: { authorize } });
    const wanted = { command: 'c1', holder: 'h1' };
    authorize.mockReturnValue(1);
    expect(await status('begin', wanted)).toEqual([403, 'forbidden']);
    const [asked] = authorize.mock.calls[0] ?? [];
    expect(asked).toMatchObject({ sessionId: session, agent: 'planner', token: 'secret' });
    expect(asked.request).toBeInstanceOf(Request);
    authorize.mockRejectedValue(new Error('no database'));
    expect(await status('begin', wanted)).toEqual([500, 'internal']);
    authorize.mockRejectedValue(new HoldfastError('rate', 'unable to write: too fast'));
    expect(await status('begin', wanted)).toEqual([429, 'rate']);
    expect(await runs()).toEqual([]);
    authorize.mockReturnValue(true);
    expect(await status('begin', wanted)).toEqual([200, undefined]);
  });

  it.each(verbs)(
    'nobody may %s in the session by which processes tell each other',
    async (verb) => {
      const authorize = vi.fn(() => true);
      const { server } = await setUp({ writers: { authorize } });
      const body = { agent: 'planner', command: 'c', holder: 'h' };
      const response = await postJson(`${server.api}/holdfast__control/${verb}`, body, bearer);
      expect(response.status).toBe(403);
      expect(authorize).not.toHaveBeenCalled();
    },
  );

  it('has authorizeMs to answer', async () => {
    const { status } = await setUp({
      writers: { authorize: () => new Promise(() => {}) },
      limits: { authorizeMs: 20 },
    });
    expect(await status('begin', { command: 'c1', holder: 'h1' })).toEqual([500, 'internal']);
  });

  it('does not ask about participants, and their rights are not a writer’s', async () => {
    const authorize = vi.fn(() => null);
    const { server, session, begin } = await setUp({ authorize });
    expect((await begin()).state).toBe('running');
    expect(authorize).not.toHaveBeenCalled();
    const read = await fetch(`${server.api}/${session}`, { headers: bearer });
    expect(read.status).toBe(403);
  });
});

describe.each(eachStore())('what a writer is told, in %s', (_, makeLog) => {
  const start = (options: TestServerOptions = {}) => setUp({ log: makeLog(), ...options });

  it('HF-WRT-4, HF-WRT-5: the same request again is answered the same, and done once', async () => {
    const { ask, begin, texts } = await start();
    const { named, messageId } = await begin();
    expect(await begin()).toMatchObject({ named, messageId, next: 1 });
    const append = { ...named, seq: 1, chunks: words('Hello') };
    const written = { state: 'running', next: 2, cancelled: false };
    expect(await ask('append', append)).toEqual(written);
    expect(await ask('append', append)).toEqual(written);
    expect(await ask('append', { ...append, seq: 5 })).toEqual({ state: 'gap', next: 2 });
    expect(await ask('renew', named)).toEqual({ state: 'running', cancelled: false });
    const end = { ...named, seq: 2, outcome: 'failed', reason: 'no_tokens' };
    expect(await ask('end', { ...end, seq: 3 })).toEqual({ state: 'gap', next: 2 });
    expect(await ask('end', end)).toEqual({ state: 'failed' });
    expect(await ask('end', end)).toEqual({ state: 'failed' });
    expect(await ask('append', { ...append, seq: 3 })).toEqual({ state: 'failed' });
    expect(await ask('renew', named)).toEqual({ state: 'failed' });
    expect(await begin('h2')).toMatchObject({ state: 'failed' });
    expect(await texts()).toEqual(['Hello']);
  });

  it('HF-WRT-2: a command belongs to one agent, and is none of JavaScript’s', async () => {
    const { server, session, ask, begin } = await start();
    const { named } = await begin();
    const other = await ask('begin', { agent: 'critic', command: 'c1', holder: 'h1' });
    expect(other.run).not.toBe(named.run);
    await server.holdfast
      .session(session)
      .adopt({ agent: 'planner', command: 'c1' }, async ({ run }) => {
        expect(run).not.toBe(named.run);
      });
  });

  it('HF-WRT-2, HF-WRT-8: a lower attempt is told that it has the run no more', async () => {
    const { ask, begin, texts } = await start();
    const first = await begin('h1');
    await ask('append', { ...first.named, seq: 1, chunks: words('old') });
    const second = await begin('h2');
    expect(second.named).toEqual({ run: first.named.run, attempt: 2 });
    const superseded = { state: 'superseded' };
    const stale = { ...first.named, seq: 2, chunks: words('stale') };
    expect(await ask('append', stale)).toEqual(superseded);
    expect(await ask('renew', first.named)).toEqual(superseded);
    expect(await ask('end', { ...stale, outcome: 'stopped' })).toEqual(superseded);
    await ask('append', { ...second.named, seq: 1, chunks: words('new') });
    expect(await texts()).toEqual(['new']);
  });

  it('HF-ENT-6: who takes over an answer that was cut off does not bring it back', async () => {
    const { server, session, ask, begin, texts } = await start({ agent: echo });
    const first = await begin('h1');
    await ask('append', { ...first.named, seq: 1, chunks: words('old') });
    await say(server, session, 'Hi', { after: null });
    const { named } = await begin('h2');
    await ask('append', { ...named, seq: 1, chunks: words('late') });
    expect(await texts()).toEqual(['Hi', 're: Hi']);
    const end = { ...named, seq: 2, outcome: 'stopped' };
    expect(await ask('end', end)).toEqual({ state: 'stopped' });
    expect(await texts()).toEqual(['Hi', 're: Hi']);
  });

  it('HF-WRT-8: only begin raises an attempt', async () => {
    const { ask, begin, texts } = await start();
    const { named } = await begin();
    const higher = { ...named, attempt: 7, seq: 1 };
    expect(await ask('renew', higher)).toEqual({ state: 'superseded' });
    for (const verb of ['append', 'end'])
      expect(await ask(verb, { ...higher, chunks: words('x'), outcome: 'finished' })).toEqual({
        state: 'superseded',
      });
    const mine = { ...named, seq: 1, chunks: words('mine') };
    expect(await ask('append', mine)).toMatchObject({ state: 'running' });
    expect(await texts()).toEqual(['mine']);
  });

  it('HF-WRT-8: the server’s runs are not a writer’s, nor those of another agent', async () => {
    const gated = gatedAgent();
    const { server, session, ask, status, begin, texts } = await start({ agent: gated.agent });
    const { run } = await server.send({ id: session, message: userMessage('m1', 'Hi') });
    const asServer = { agent: 'agent', run, attempt: 1 };
    const { named } = await begin();
    const asOther = { ...named, agent: 'critic' };
    for (const forged of [asServer, asOther]) {
      const all = { ...forged, seq: 1, chunks: words('x'), outcome: 'finished', holder: 'h' };
      for (const verb of verbs) expect(await status(verb, all)).toEqual([403, 'forbidden']);
    }
    expect(await ask('append', { run: 'none', attempt: 1, seq: 1, chunks: words('x') })).toEqual({
      state: 'lost',
    });
    gated.emit({ type: 'text-start', id: 't' }, { type: 'text-delta', id: 't', delta: 'mine' });
    gated.end();
    await vi.waitFor(async () => expect((await texts())[1]).toBe('mine'));
  });

  it('HF-WRT-6: a stop is told in the next answer, and that of a parent too', async () => {
    const gated = gatedAgent();
    const { server, session, ask } = await start({ agent: gated.agent });
    const { run: parent } = await server.send({ id: session, message: userMessage('m1', 'Hi') });
    const { run, attempt } = await ask('begin', { command: 'c1', holder: 'h1', parent });
    const named = { run, attempt };
    await postJson(`${server.api}/${session}/cancel`, { run: parent });
    const stopping = { state: 'running', cancelled: true };
    expect(await ask('renew', named)).toEqual(stopping);
    const append = { ...named, seq: 1, chunks: words('last') };
    expect(await ask('append', append)).toEqual({ ...stopping, next: 2 });
    expect(await ask('end', { ...named, seq: 2, outcome: 'stopped' })).toEqual({
      state: 'stopped',
    });
  });

  it('HF-RUN-24, HF-WRT-2: a stop of the parent reaches who has taken its child over, whatever that one says of it', async () => {
    const gated = gatedAgent();
    const { server, session, ask } = await start({ agent: gated.agent });
    const { run: parent } = await server.send({ id: session, message: userMessage('m1', 'Hi') });
    for (const named of [{ parent }, {}]) {
      const command = JSON.stringify(Object.keys(named));
      await ask('begin', { command, holder: 'h1', parent });
      expect(await ask('begin', { command, holder: 'h2', ...named })).toMatchObject({ attempt: 2 });
    }
    await postJson(`${server.api}/${session}/cancel`, { run: parent });
    const { runs = [] } = await join(server, session);
    const children = runs.filter(({ agent }) => agent === 'planner');
    expect(children).toMatchObject([{ parent }, { parent }]);
    for (const { run } of children)
      expect(await ask('renew', { run, attempt: 2 })).toEqual({
        state: 'running',
        cancelled: true,
      });
  });

  it.each([
    [
      'ends',
      'finished',
      ({ ask }: SaidByWriter, named: object) =>
        ask('end', { ...named, seq: 1, outcome: 'finished' }),
    ],
    ['is taken over', 'superseded', ({ begin }: SaidByWriter) => begin('h2')],
  ])('HF-WRT-4: of a run that %s while it is renewed', async (_, state, act) => {
    const inner = makeLog();
    let meanwhile = async (): Promise<unknown> => undefined;
    const renew: SessionLog['renew'] = async (id, lease) => {
      const once = meanwhile;
      meanwhile = async () => undefined;
      await once();
      return await inner.renew(id, lease);
    };
    const said = await setUp({ log: changed(inner, { renew }) });
    const { named } = await said.begin();
    meanwhile = () => act(said, named);
    expect(await said.ask('renew', named)).toEqual({ state });
  });

  it.each([
    ['settle', 'output-error'],
    ['keep', 'input-available'],
  ] as const)(
    'HF-RUN-2: a call without a result has one in what it is given, unless calls are kept open: %s',
    async (openCalls, state) => {
      const { ask, begin } = await start({ openCalls });
      const { named } = await begin();
      const call = { type: 'tool-input-available', toolCallId: 'c', toolName: 'look', input: {} };
      await ask('append', { ...named, seq: 1, chunks: [call] });
      await ask('end', { ...named, seq: 2, outcome: 'finished' });
      const told = await ask('begin', { command: 'c2', holder: 'h1' });
      expect(told).toMatchObject({ messages: [{ parts: [{ type: 'tool-look', state }] }] });
    },
  );

  it('HF-WRT-7: a full session takes the end', async () => {
    const limits = { sessionEntries: 8 };
    const { ask, begin, runs } = await setUp({ limits });
    const { named } = await begin();
    let seq = 1;
    const append = () => ask('append', { ...named, seq, chunks: words('more') });
    while ((await append()).state === 'running') seq++;
    expect(await append()).toEqual({ state: 'full' });
    expect(await ask('end', { ...named, seq, outcome: 'failed' })).toEqual({ state: 'failed' });
    expect(await runs()).toMatchObject([{ state: 'failed' }]);
  });

  it('HF-WRT-3: a job is for who may still ask, and for its own attempt', async () => {
    const added: Job[] = [];
    const dispatch = { agents: ['planner'], add: async (job: Job) => void added.push(job) };
    let isAllowed = true;
    const { server, session, ask, begin } = await start({
      agent: null,
      dispatch,
      stillAllowed: () => isAllowed,
    });
    for (const id of ['m1', 'm2'])
      await server.send({ id: session, to: 'planner', message: userMessage(id, id) });
    const [one, two] = added as [Job, Job];
    const holder = 'h1';
    const { named } = await begin();
    expect(await ask('begin', { ...named, holder })).toEqual({ state: 'superseded' });
    expect(await ask('begin', { ...one, holder })).toMatchObject({ state: 'running', attempt: 1 });
    expect(await ask('begin', { ...one, holder })).toMatchObject({ state: 'running', attempt: 1 });
    expect(await ask('begin', { ...one, holder: 'h2' })).toEqual({ state: 'superseded' });
    expect(await ask('begin', { ...one, attempt: 2, holder: 'h2' })).toEqual({
      state: 'superseded',
    });
    isAllowed = false;
    expect(await ask('begin', { ...two, holder })).toEqual({ state: 'failed' });
  });
});
