import { once } from 'node:events';
import type { AnswerResponse, ClaimResponse } from '@holdfast/protocol';
import type { UIMessageChunk } from 'ai';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Agent, AgentContext, HoldfastOptions } from '../../src/index.ts';
import { answer } from '../support/gated-agent.ts';
import { changed, eachStore } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { startServer, type TestServer, userMessage } from '../support/server.ts';
import { allPages, echo, ended, say } from '../support/talk.ts';

const call = (toolCallId: string): UIMessageChunk => ({
  type: 'tool-input-available',
  toolCallId,
  toolName: 'ask',
  input: { q: toolCallId },
});
const approval = (toolCallId: string): UIMessageChunk => ({
  type: 'tool-approval-request',
  approvalId: `a-${toolCallId}`,
  toolCallId,
  signature: `signed ${toolCallId}`,
});
const output = (toolCallId: string, value: unknown) => ({
  type: 'tool-output-available',
  toolCallId,
  output: value,
});
const approve = (toolCallId: string, approved: boolean, reason?: string) => ({
  type: 'tool-approval-response',
  approvalId: `a-${toolCallId}`,
  approved,
  ...(reason === undefined ? {} : { reason }),
});

type Parts = readonly Readonly<Record<string, unknown>>[];

describe.each(eachStore())('answers of clients, in %s', (_, log) => {
  /** Two servers on one log; the first answer is these chunks, the next ones are words. */
  async function serve(chunks: readonly UIMessageChunk[], options: HoldfastOptions = {}) {
    const given: AgentContext[] = [];
    const agent: Agent = (context) => {
      given.push(context);
      const isFirst = given.length === 1;
      return (async function* (): AsyncGenerator<UIMessageChunk> {
        if (!isFirst) return yield* answer('Well.', 'u');
        yield { type: 'start' };
        yield { type: 'start-step' };
        yield* chunks;
        yield { type: 'finish-step' };
        yield { type: 'finish' };
      })();
    };
    const shared = log();
    const start = async () => {
      return await startOwnServer({ agent, log: shared, ...options });
    };
    const [one, two] = [await start(), await start()];
    const id = `s-${crypto.randomUUID()}`;
    const { messageId } = await say(one, id, 'Where am I?');
    const ask = async (server: TestServer, verb: string, body: object) => {
      const response = await postJson(`${server.api}/${id}/${verb}`, { messageId, ...body });
      const value: unknown = await response.json();
      return { status: response.status, value };
    };
    const give = async (server: TestServer, ...answers: readonly object[]) => {
      const { value } = await ask(server, 'answer', { answers });
      return (value as AnswerResponse).answers;
    };
    const claim = async (server: TestServer, holder: string, toolCallId = 'c1', more = {}) =>
      (await ask(server, 'claim', { holder, toolCallId, ...more })).value as ClaimResponse;
    const parts = async (server = one) =>
      ((await allPages(server, id)).at(-1)?.parts ?? []) as Parts;
    const goOn = (server: TestServer, ...answers: readonly object[]) =>
      server.post({
        id,
        command: `${messageId}/all`,
        trigger: 'submit-message',
        continues: messageId,
        answers,
      });
    return { one, two, id, messageId, given, ask, give, claim, parts, goOn, shared };
  }

  const stateOf = (parts: Parts, toolCallId: string) =>
    parts.find((part) => part.toolCallId === toolCallId)?.state;

  it('HF-HTTP-29: answers of two devices meet in one message, and one run goes on with them', async () => {
    const { one, two, id, give, parts, goOn, given } = await serve([call('c1'), call('c2')]);
    expect(await give(one, output('c1', 'Oslo'))).toMatchObject([{ output: 'Oslo' }]);
    expect(stateOf(await parts(two), 'c1')).toBe('output-available');
    expect(stateOf(await parts(two), 'c2')).toBe('input-available');
    await give(two, output('c2', 'rain'));
    expect(given).toHaveLength(1);
    const [a, b] = await Promise.all([goOn(one, output('c1', 'Oslo')), goOn(two)]);
    const runs = [await a.json(), await b.json()] as { run: string }[];
    expect(runs[0]?.run).toBe(runs[1]?.run);
    await ended(one, id, runs[0]?.run ?? '');
    expect(given).toHaveLength(2);
    const last = given[1]?.messages.at(-1)?.parts as Parts;
    expect(last.filter(({ type }) => type === 'tool-ask')).toMatchObject([
      { output: 'Oslo' },
      { output: 'rain' },
    ]);
  });

  it('HF-HTTP-29: of many answers to one call the first stands, and each is answered with it', async () => {
    const { one, two, give, parts } = await serve([call('c1')]);
    const all = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((each) => give(each % 2 ? one : two, output('c1', each))),
    );
    const [part] = (await parts()).filter(({ toolCallId }) => toolCallId === 'c1');
    for (const answers of all) expect(answers).toMatchObject([{ output: part?.output }]);
    expect(await give(one, output('c1', 'late'))).toMatchObject([{ output: part?.output }]);
    expect(
      new Set(await Promise.all([parts(one), parts(two)].map(async (p) => JSON.stringify(await p))))
        .size,
    ).toBe(1);
  });

  it.each([
    ['clients’ tools can be answered while the run that made the call goes on', ['ask'], 200],
    ['what clients’ tools are not named for is answered when the run has ended', undefined, 409],
  ] as const)('HF-HTTP-29, HF-HTTP-30: %s', async (_title, clientTools, status) => {
    let wake = () => {};
    const going = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const agent: Agent = () =>
      (async function* (): AsyncGenerator<UIMessageChunk> {
        yield { type: 'start' };
        yield call('c1');
        await going;
        yield { type: 'text-start', id: 't' };
        yield { type: 'text-delta', id: 't', delta: 'more' };
        yield { type: 'text-end', id: 't' };
        yield { type: 'finish' };
      })();
    const named = clientTools ? { clientTools } : {};
    const server = await startOwnServer({ agent, log: log(), ...named });
    const id = `s-${crypto.randomUUID()}`;
    const { run, messageId } = await server.send({ id, message: userMessage('m', 'hi') });
    const give = () =>
      postJson(`${server.api}/${id}/answer`, { messageId, answers: [output('c1', 'now')] });
    await vi.waitFor(async () =>
      expect((await allPages(server, id)).at(-1)?.parts).toMatchObject([{ toolCallId: 'c1' }]),
    );
    const early = await give();
    expect(early.status).toBe(status);
    if (!early.ok) expect(await early.json()).toMatchObject({ error: { code: 'busy' } });
    wake();
    await ended(server, id, run);
    expect((await give()).status).toBe(200);
    const parts = (await allPages(server, id)).at(-1)?.parts as Parts;
    expect(parts).toMatchObject([{ output: 'now' }, { text: 'more' }]);
  });

  it('HF-HTTP-31: a send that leaves a call open starts nothing and changes nothing', async () => {
    const { one, id, goOn, given } = await serve([call('c1'), call('c2')]);
    const before = await allPages(one, id);
    const refused = await goOn(one, output('c1', 'Oslo'));
    expect(refused.status).toBe(409);
    expect(await refused.text()).toContain('wait for answers');
    expect(await allPages(one, id)).toEqual(before);
    expect(given).toHaveLength(1);
    const whole = await goOn(one, output('c1', 'Oslo'), output('c2', 'rain'));
    expect(whole.status).toBe(200);
  });

  it('HF-RUN-6: an answer to a call that a stop has settled starts no run', async () => {
    const given: AgentContext[] = [];
    const agent: Agent = (context) => {
      given.push(context);
      return (async function* (): AsyncGenerator<UIMessageChunk> {
        yield { type: 'start' };
        yield call('c1');
        await once(context.signal, 'abort');
      })();
    };
    const server = await startOwnServer({ agent, log: log() });
    const id = `s-${crypto.randomUUID()}`;
    const { run, messageId } = await server.send({ id, message: userMessage('m', 'hi') });
    await vi.waitFor(async () =>
      expect((await allPages(server, id)).at(-1)?.parts).toMatchObject([{ toolCallId: 'c1' }]),
    );
    await postJson(`${server.api}/${id}/cancel`, { run });
    await ended(server, id, run);
    const late = server.send({ id, continues: messageId, answers: [output('c1', 'late')] });
    await expect(late).rejects.toThrow(/409 .*conflict/);
    expect((await allPages(server, id)).at(-1)?.parts).toMatchObject([{ state: 'output-error' }]);
    expect(given).toHaveLength(1);
  });

  it('HF-HTTP-31: a send behind its answers goes on, also where their delivery is late', async () => {
    const shared = log();
    const late = changed(shared, {
      subscribe: async (session, listener) => {
        const kept: (() => void)[] = [];
        const stop = await shared.subscribe(session, (each) => kept.push(() => listener(each)));
        return () => {
          stop();
          for (const deliver of kept) deliver();
        };
      },
    });
    const { one, give, goOn, given } = await serve([call('c1')], {
      log: late,
      limits: { pollMs: 50 },
    });
    await give(one, output('c1', 'Oslo'));
    const { run } = (await (await goOn(one)).json()) as { run: string };
    expect(run).toEqual(expect.any(String));
    await vi.waitFor(() => expect(given).toHaveLength(2));
    expect(given[1]?.messages.at(-1)?.parts).toMatchObject([{}, { output: 'Oslo' }]);
  });

  it('HF-HTTP-31: a repetition is answered with its run, also when that has asked again', async () => {
    const { one, id, goOn, given } = await serve([call('c1')]);
    const first = (await (await goOn(one, output('c1', 1))).json()) as { run: string };
    await ended(one, id, first.run);
    const again = (await (await goOn(one, output('c1', 1))).json()) as { run: string };
    expect(again.run).toBe(first.run);
    expect(given).toHaveLength(2);
  });

  it('bad answers get a documented error, and nothing changes', async () => {
    const limits = { fileBytes: 200_000 };
    const { one, id, ask } = await serve([call('c1'), call('c2'), approval('c2')], { limits });
    const before = await allPages(one, id);
    const bad = async (body: object, status: number) =>
      expect((await ask(one, 'answer', body)).status).toBe(status);
    await bad({}, 400);
    await bad({ answers: [] }, 400);
    await bad({ answers: [1] }, 400);
    await bad({ answers: [{ type: 'text-delta', id: 't', delta: 'x' }] }, 400);
    await bad({ answers: [output('unknown', 1)] }, 400);
    await bad({ answers: [output('c1', 1)], messageId: 'other' }, 409);
    await bad({ answers: [output('c1', 1)], messageId: 7 }, 400);
    // A client cannot say what a call gave that nobody has approved.
    await bad({ answers: [output('c2', 'forged')] }, 400);
    await bad({ answers: [output('c1', 'x'.repeat(300_000))] }, 413);
    expect(await allPages(one, id)).toEqual(before);
  });

  it('an approval keeps its signature and the reason, and what was denied is the model’s to hear', async () => {
    const { two, give, parts, goOn, given, id } = await serve([
      call('c1'),
      approval('c1'),
      call('c2'),
      approval('c2'),
    ]);
    await give(two, approve('c1', true));
    await give(two, approve('c2', false, 'too dear'));
    const asked = (await parts()).filter(({ toolCallId }) => toolCallId !== undefined);
    expect(asked).toMatchObject([
      { approval: { id: 'a-c1', approved: true, signature: 'signed c1' } },
      { approval: { id: 'a-c2', approved: false, reason: 'too dear', signature: 'signed c2' } },
    ]);
    expect(await give(two, approve('c2', true))).toMatchObject([{ approved: false }]);
    const { run } = (await (await goOn(two)).json()) as { run: string };
    await ended(two, id, run);
    const heard = given[1]?.messages.at(-1)?.parts as Parts;
    expect(heard.filter(({ approval }) => approval !== undefined)).toMatchObject(asked);
  });

  it('HF-RUN-23: an approval that nobody gives in time is denied, and the run goes on, once', async () => {
    const options = { approvalMs: 50 };
    const { one, two, id, given, parts, shared } = await serve(
      [call('c1'), approval('c1')],
      options,
    );
    await two.holdfast.register(() => (async function* () {})(), 'another');
    await vi.waitFor(async () => expect(given).toHaveLength(2), { timeout: 20_000 });
    expect((await parts()).find(({ toolCallId }) => toolCallId)).toMatchObject({
      approval: { approved: false, reason: 'Nobody answered in time.' },
    });
    expect(given[1]?.participant).toEqual({ id: 'holdfast', role: 'agent' });
    await vi.waitFor(async () => {
      const response = await fetch(`${one.api}/${id}`);
      const { runs } = (await response.json()) as { runs: { state: string }[] };
      expect(runs.map(({ state }) => state)).toEqual(['finished', 'finished']);
    });
    // No process can die between the two: whoever denies has started the run that goes on.
    const read = await shared.read(id, { after: null, limit: 100 });
    const entries = read.kind === 'entries' ? read.entries : [];
    const kinds = entries.map(({ body }) => (JSON.parse(body) as { k: string }).k);
    expect(kinds.slice(kinds.indexOf('answer'))[1]).toBe('run-start');
    expect(kinds.filter((kind) => kind === 'answer')).toHaveLength(1);
  }, 60_000);

  it('HF-HTTP-19: what a sender expects is looked for in the log, however late deliveries are', async () => {
    const shared = log();
    const deaf = changed(shared, { subscribe: async () => () => {} });
    const here = await startServer({ agent: echo, log: deaf, limits: { pollMs: 60_000 } });
    const there = await startServer({ agent: echo, log: shared });
    for (const server of [here, there]) onTestFinished(() => server[Symbol.asyncDispose]());
    const id = `s-${crypto.randomUUID()}`;
    // Somebody follows here, so that the session is known as it was.
    const client = await here.greet();
    await say(there, id, 'one');
    client.send({ t: 'sub', r: 1, s: id });
    await client.next('live');
    const { messageId } = await say(there, id, 'two');
    const message = userMessage(`${id}-m`, 'three');
    const sent = await here.send({ id, message, expect: messageId });
    expect(sent.run).toEqual(expect.any(String));
  });

  it('HF-HTTP-32: one client holds a call, until it is answered', async () => {
    const { one, two, give, claim } = await serve([call('c1'), call('c2')]);
    const all = await Promise.all(
      ['a', 'b', 'c', 'd'].map((holder, at) => claim(at % 2 ? one : two, holder)),
    );
    expect(all.filter(({ state }) => state === 'held')).toHaveLength(1);
    expect(all.filter(({ state }) => state === 'taken')).toHaveLength(3);
    const holder = ['a', 'b', 'c', 'd'][all.findIndex(({ state }) => state === 'held')] ?? '';
    expect(await claim(two, holder)).toMatchObject({ state: 'held' });
    expect(await claim(two, 'e', 'c2')).toMatchObject({ state: 'held' });
    await give(two, output('c1', 1));
    for (const each of ['e', holder]) expect(await claim(one, each)).toEqual({ state: 'settled' });
  });

  it('HF-HTTP-32: a call that is given up, or not claimed again in time, passes on', async () => {
    const { one, two, claim } = await serve([call('c1')], { limits: { claimMs: 50 } });
    await claim(one, 'a');
    await claim(one, 'a', 'c1', { release: true });
    expect(await claim(two, 'b')).toEqual({ state: 'held', leaseMs: 50 });
    await vi.waitFor(async () => expect(await claim(one, 'c')).toMatchObject({ state: 'held' }));
  });

  it('HF-HTTP-32: what cannot be claimed is answered with an error', async () => {
    const { one, ask } = await serve([call('c1'), call('c2'), approval('c2')]);
    const claim = async (body: object) => (await ask(one, 'claim', body)).status;
    expect(await claim({ toolCallId: 'c1' })).toBe(400);
    expect(await claim({ holder: 'a' })).toBe(400);
    expect(await claim({ holder: 'a', toolCallId: 'unknown' })).toBe(400);
    expect(await claim({ holder: 'a', toolCallId: 'c1', messageId: 'other' })).toBe(409);
    expect(await claim({ holder: 'a', toolCallId: 'c1', release: 'yes' })).toBe(400);
    const waiting = await ask(one, 'claim', { holder: 'a', toolCallId: 'c2' });
    expect(waiting.value).toEqual({ state: 'settled' });
  });

  it('who may not send may neither answer nor claim', async () => {
    const authorize: HoldfastOptions['authorize'] = ({ action, request }) =>
      action === 'send' && request?.url.match(/answer|claim/) ? null : { id: 'u' };
    const { one, ask } = await serve([call('c1')], { authorize });
    expect((await ask(one, 'answer', { answers: [output('c1', 1)] })).status).toBe(403);
    expect((await ask(one, 'claim', { holder: 'a', toolCallId: 'c1' })).status).toBe(403);
  });
});
