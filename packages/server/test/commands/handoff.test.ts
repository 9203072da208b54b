import { once } from 'node:events';
import type { HandoffResponse, SendRequest } from '@holdfast/protocol';
import type { UIMessageChunk } from 'ai';
import { describe, expect, it, vi } from 'vitest';
import { type Admitted, type Agent, asOperator } from '../../src/index.ts';
import { answer } from '../support/gated-agent.ts';
import { eachStore } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { type TestServer, userMessage } from '../support/server.ts';
import { allPages, join, textOf } from '../support/talk.ts';

const who: Readonly<Record<string, Admitted>> = {
  ann: asOperator({ id: 'ann', info: { name: 'Ann' } }),
  bob: asOperator({ id: 'bob' }),
  user: { id: 'user' },
};

describe.each(eachStore())('people in a session, in %s', (_, log) => {
  /** Two servers on one log; requests say who they are of. */
  async function serve() {
    const given: string[][] = [];
    const agent: Agent = ({ messages, signal }) => {
      given.push(messages.map((message) => textOf(message as never)));
      const asked = given.at(-1)?.at(-1);
      return (async function* (): AsyncGenerator<UIMessageChunk> {
        if (asked === 'wait') await once(signal, 'abort');
        if (asked !== 'call') return yield* answer(`re: ${asked}`);
        yield { type: 'start' };
        yield { type: 'tool-input-available', toolCallId: 'c', toolName: 'ask', input: {} };
      })();
    };
    const shared = log();
    const authorize = ({ request }: { readonly request: Request }) =>
      who[request.headers.get('x-who') ?? 'user'];
    const start = async () => {
      return await startOwnServer({
        agent,
        log: shared,
        authorize,
        whileBusy: ({ asked = 'parallel' }) => asked,
      });
    };
    const [one, two] = [await start(), await start()];
    const id = `s-${crypto.randomUUID()}`;
    const post = async (server: TestServer, as: string, path: string, body: object) => {
      const response = await postJson(`${server.api}${path}`, body, { 'x-who': as });
      return (await response.json()) as Record<string, unknown> & { error?: { code: string } };
    };
    const send = (as: string, text: string, more: Partial<SendRequest> = {}, server = one) =>
      post(server, as, '', {
        id,
        command: text,
        trigger: 'submit-message',
        message: userMessage(`${id}-${text}`, text),
        ...more,
      });
    const handOff = (as: string, to: string, server = one) =>
      post(server, as, `/${id}/handoff`, { to }) as unknown as Promise<
        HandoffResponse & { error?: { code: string } }
      >;
    const told = async () =>
      (await allPages(two, id)).map((message) => `${message.role}: ${textOf(message)}`);
    const says = (lines: readonly string[]) =>
      vi.waitFor(async () => expect(await told()).toEqual(lines));
    return { one, two, id, given, post, send, handOff, told, says, shared };
  }

  it('HF-HTTP-33: a message for people is written, wakes no agent, and is in later prompts', async () => {
    const { send, given, says } = await serve();
    expect(await send('user', 'for you', { wake: false })).toMatchObject({
      state: 'posted',
      command: 'for you',
      position: expect.any(String),
    });
    // Repeated, it is there once.
    expect(await send('user', 'for you', { wake: false })).toMatchObject({ state: 'posted' });
    await says(['user: for you']);
    expect(given).toEqual([]);
    await send('user', 'hello');
    await says(['user: for you', 'user: hello', 'assistant: re: hello']);
    expect(given).toEqual([['for you', 'hello']]);
  });

  it('HF-HTTP-34: while an operator answers no agent is woken, and all know who answers', async () => {
    const { one, two, id, send, handOff, given, says } = await serve();
    await send('user', 'hello');
    await says(['user: hello', 'assistant: re: hello']);
    expect(await handOff('ann', 'me', two)).toEqual({ operator: { id: 'ann', role: 'operator' } });
    expect((await join(one, id)).operator).toEqual({ id: 'ann', role: 'operator' });
    expect(await send('user', 'a human?')).toMatchObject({ state: 'posted' });
    expect(await send('ann', 'Yes, Ann here.', {}, two)).toMatchObject({ state: 'posted' });
    await says([
      'user: hello',
      'assistant: re: hello',
      'user: a human?',
      'assistant: Yes, Ann here.',
    ]);
    const { messages, authors } = await two.holdfast.session(id).state();
    expect(messages.at(-1)).not.toHaveProperty('metadata');
    expect(authors[messages.at(-1)?.id ?? '']).toEqual({
      id: 'ann',
      role: 'operator',
      info: { name: 'Ann' },
    });
    expect(given).toHaveLength(1);
    expect(await handOff('ann', 'agents')).toEqual({ operator: null });
    expect((await join(two, id)).operator).toBeUndefined();
    await send('user', 'back?');
    await vi.waitFor(() => expect(given).toHaveLength(2));
    expect(given[1]).toEqual(['hello', 're: hello', 'a human?', 'Yes, Ann here.', 'back?']);
  });

  it('HF-HTTP-34: of two operators who take over at once one does, and the other is told', async () => {
    const { one, two, id, handOff } = await serve();
    const [a, b] = await Promise.all([handOff('ann', 'me', one), handOff('bob', 'me', two)]);
    expect([a, b].filter(({ error }) => error?.code === 'conflict')).toHaveLength(1);
    const winner = a.operator ?? b.operator;
    expect((await join(one, id)).operator).toEqual(winner);
    // Again is once; and any operator may hand back.
    expect(await handOff(winner?.id ?? '', 'me')).toEqual({ operator: winner });
    expect(await handOff(winner?.id === 'ann' ? 'bob' : 'ann', 'agents')).toEqual({
      operator: null,
    });
    expect(await handOff('ann', 'agents')).toEqual({ operator: null });
  });

  it('HF-HTTP-34: of a message and a take-over at the same moment, no run begins behind the take-over', async () => {
    for (let round = 0; round < 20; round++) {
      const { one, two, id, send, handOff, shared } = await serve();
      await Promise.all([send('user', 'hello', {}, one), handOff('ann', 'me', two)]);
      const read = await shared.read(id, { after: null, limit: 100 });
      if (read.kind !== 'entries') throw new Error(read.kind);
      const kinds = read.entries.map(({ body }) => (JSON.parse(body) as { k: string }).k);
      expect(kinds).toContain('message');
      expect(kinds.slice(kinds.indexOf('handoff'))).not.toContain('run-start');
    }
  });

  it('HF-HTTP-34: what needs an agent is refused while an operator answers, and nothing changes', async () => {
    const { id, send, handOff, post, one, told, given } = await serve();
    await send('user', 'call');
    await vi.waitFor(async () => expect(await told()).toEqual(['user: call', 'assistant: ']));
    const messageId = (await allPages(one, id)).at(-1)?.id;
    await handOff('ann', 'me');
    const before = await allPages(one, id);
    const refused = { error: { code: 'conflict', reason: 'operator' } };
    const regenerate = { trigger: 'regenerate-message', after: `${id}-call` } as const;
    const bare = { id, command: 'r', trigger: 'submit-message' };
    expect(await post(one, 'user', '', { ...bare, ...regenerate })).toMatchObject(refused);
    expect(await post(one, 'user', '', bare)).toMatchObject(refused);
    expect(await allPages(one, id)).toEqual(before);
    const answers = [{ type: 'tool-output-available', toolCallId: 'c', output: 1 }];
    const continued = { ...bare, continues: messageId, answers };
    // An answer is kept, and nothing goes on with it yet.
    expect(await post(one, 'user', '', continued)).toMatchObject({ state: 'posted' });
    expect((await allPages(one, id)).at(-1)?.parts).toMatchObject([{ output: 1 }]);
    expect(await post(one, 'user', '', { ...continued, answers: [] })).toMatchObject({
      state: 'posted',
    });
    expect(given).toHaveLength(1);
    await handOff('ann', 'agents');
    expect(await post(one, 'user', '', { ...continued, answers: [] })).toHaveProperty('run');
  });

  it('HF-HTTP-34: a message to an operator interrupts no run that is still live', async () => {
    const { id, send, handOff, one, told } = await serve();
    const { run } = await send('user', 'wait');
    await handOff('ann', 'me');
    expect(await send('user', 'are you there?', { whileBusy: 'interrupt' })).toMatchObject({
      state: 'posted',
    });
    const { runs } = (await join(one, id)) as { runs?: readonly { run: string; state: string }[] };
    expect(runs?.find((each) => each.run === run)?.state).toBe('running');
    expect(await told()).toContain('user: are you there?');
  });

  it('HF-HTTP-34: the queue waits while an operator answers, and goes on when that is over', async () => {
    const { id, send, handOff, given, one, post, says } = await serve();
    const { run } = await send('user', 'wait');
    expect(await send('user', 'later', { whileBusy: 'queue' })).toMatchObject({ state: 'queued' });
    await handOff('ann', 'me');
    await post(one, 'user', `/${id}/cancel`, { run });
    await vi.waitFor(async () => {
      const { runs } = (await (await fetch(`${one.api}/${id}`)).json()) as {
        runs: { state: string }[];
      };
      expect(runs).toMatchObject([{ state: 'stopped' }]);
    });
    await send('ann', 'One moment.');
    expect(given).toHaveLength(1);
    await handOff('ann', 'agents');
    await says(['user: wait', 'assistant: One moment.', 'user: later', 'assistant: re: later']);
  });

  it.each(['queue', 'merge', 'latest', 'steer'] as const)(
    'HF-HTTP-34: a message is written for the operator, and waits for no run and behind no queue: %s',
    async (whileBusy) => {
      const { id, send, handOff, one, post, says, told } = await serve();
      const { run } = await send('user', 'wait');
      expect(await send('user', 'later', { whileBusy: 'queue' })).toMatchObject({
        state: 'queued',
      });
      await handOff('ann', 'me');
      const asked = () => send('user', 'a human?', { whileBusy });
      expect(await asked()).toMatchObject({ state: 'posted' });
      // Repeated, it is there once.
      expect(await asked()).toMatchObject({ state: 'posted' });
      expect(await told()).toContain('user: a human?');
      expect((await join(one, id)).queue).toMatchObject([{ id: 'later' }]);
      await post(one, 'user', `/${id}/cancel`, { run });
      await handOff('ann', 'agents');
      await says(['user: wait', 'user: a human?', 'user: later', 'assistant: re: later']);
    },
  );

  it('who is no operator can neither take over nor hand back, and bad wishes are refused', async () => {
    const { handOff, one, id } = await serve();
    expect(await handOff('user', 'me')).toMatchObject({ error: { code: 'forbidden' } });
    expect(await handOff('user', 'agents')).toMatchObject({ error: { code: 'forbidden' } });
    expect(await handOff('ann', 'you')).toMatchObject({ error: { code: 'bad_request' } });
    expect((await join(one, id)).operator).toBeUndefined();
  });

  it('an operator who asks for it wakes the agent', async () => {
    const { send, says } = await serve();
    await send('ann', 'go on', { wake: true });
    await says(['user: go on', 'assistant: re: go on']);
  });

  it('HF-HTTP-34: an agent hands over to the operators, and the first who comes takes over', async () => {
    const { one, two, id, send, handOff, told } = await serve();
    const session = one.holdfast.session(id);
    const operators = { id: 'operators', role: 'operator' };
    expect(await session.handOff('operators')).toEqual(operators);
    expect(await two.holdfast.session(id).handOff('operators')).toEqual(operators);
    expect((await join(two, id)).operator).toEqual(operators);
    expect(await send('user', 'anybody there?')).toMatchObject({ state: 'posted' });
    const taken = await Promise.all([handOff('ann', 'me'), handOff('bob', 'me', two)]);
    const [winner] = taken.flatMap(({ operator }) => (operator ? [operator.id] : []));
    expect(taken.filter(({ error }) => error?.code === 'conflict')).toHaveLength(1);
    expect((await join(two, id)).operator?.id).toBe(winner);
    // Whoever answers already is left in place.
    expect(await session.handOff('operators')).toMatchObject({ id: winner });
    expect(await session.handOff('agents')).toBeNull();
    await send('user', 'thanks');
    await vi.waitFor(async () => expect((await told()).at(-1)).toBe('assistant: re: thanks'));
  });
});
