import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Agent, createHoldfast, type Holdfast, type HoldfastOptions } from '../src/index.ts';
import { answer, gatedAgent } from './support/gated-agent.ts';
import { stores } from './support/logs.ts';
import { userMessage } from './support/server.ts';

/** What a framework keeps beside a request, such as its cookies. */
const cookies = new AsyncLocalStorage<string>();

/** A route of which each request has the context of who asks; `user` is also who is authorized. */
function routeOf(holdfast: Holdfast, agent: Agent) {
  return async (user: string, path: string, body: object): Promise<Response> =>
    await cookies.run(user, () =>
      holdfast.handle(
        new Request(`http://localhost/api/chat/${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-user': user },
          body: JSON.stringify(body),
        }),
        { agent, path: path === '' ? [] : path.split('/') },
      ),
    );
}

describe.each(Object.entries(stores))('whose work it is, over %s', (_, open) => {
  const logs = open();
  const id = () => `s-${crypto.randomUUID()}`;

  function serve(agent: Agent, options: HoldfastOptions = {}) {
    const holdfast = createHoldfast({
      log: logs(),
      authorize: ({ request }) => ({ id: request.headers.get('x-user') ?? '' }),
      onError: () => {},
      ...options,
    });
    onTestFinished(() => holdfast.close({ runsMs: 0 }));
    return { holdfast, ask: routeOf(holdfast, agent) };
  }

  const send = (session: string, text: string, more: object = {}) => ({
    id: session,
    command: text,
    trigger: 'submit-message',
    message: userMessage(text, text),
    ...more,
  });

  it('S3, HF-RUN-26: a send that waited runs in nobody’s context, and the one that was asked for in its own', async () => {
    const session = id();
    const seen: unknown[] = [];
    const { agent, end } = gatedAgent();
    const { ask } = serve(
      (context) => {
        seen.push([context.participant.id, cookies.getStore()]);
        return agent(context);
      },
      { whileBusy: 'queue' },
    );
    await ask('alice', '', send(session, 'one'));
    await ask('bob', '', send(session, 'two'));
    await ask('carol', '', send(session, 'three'));
    for (const _ of [1, 2, 3]) end();
    await vi.waitFor(() => expect(seen).toHaveLength(3));
    expect(seen).toEqual([
      ['alice', 'alice'],
      ['bob', undefined],
      ['carol', undefined],
    ]);
  });

  it('HF-RUN-26: hooks are called in nobody’s context', async () => {
    const session = id();
    const seen: unknown[] = [];
    const { ask } = serve(
      () =>
        (async function* () {
          yield* answer('Hello');
        })(),
      {
        hooks: {
          onMessage: ({ message }) => {
            seen.push([message.role, cookies.getStore()]);
          },
          onTruncate: () => {
            seen.push(['truncate', cookies.getStore()]);
          },
        },
      },
    );
    await ask('alice', '', send(session, 'one'));
    await vi.waitFor(() => expect(seen).toContainEqual(['assistant', undefined]));
    await ask('alice', '', { ...send(session, 'one'), command: 'edit', after: null });
    await vi.waitFor(() => expect(seen).toContainEqual(['truncate', undefined]));
    expect(new Set(seen.map((each) => (each as unknown[])[1]))).toEqual(new Set([undefined]));
  });

  it('HF-RUN-26: an approval that nobody gave in time goes on in nobody’s context', async () => {
    const session = id();
    const seen: unknown[] = [];
    const { ask } = serve(
      () =>
        (async function* () {
          seen.push(cookies.getStore());
          if (seen.length > 1) return yield* answer('Then not.');
          yield { type: 'start' as const };
          yield { type: 'tool-input-available' as const, toolCallId: 'c', toolName: 't', input: 1 };
          yield { type: 'tool-approval-request' as const, approvalId: 'a', toolCallId: 'c' };
        })(),
      { approvalMs: 20 },
    );
    await ask('alice', '', send(session, 'one'));
    await vi.waitFor(() => expect(seen).toHaveLength(2), { timeout: 20_000 });
    expect(seen).toEqual(['alice', undefined]);
  }, 60_000);

  it('HF-RUN-26: a run that is taken over runs in nobody’s context, and so it is decided', async () => {
    const session = id();
    const dead = serve(() => (async function* () {})(), { onLost: 'retry' });
    const log = logs();
    const participant = { id: 'alice' };
    const info = JSON.stringify({ messageId: 'M', agent: 'agent', command: 'one' });
    const kept = JSON.stringify({ participant, trigger: 'submit-message' });
    const note = (nonce: number, entry: object) => ({ nonce, body: JSON.stringify(entry) });
    const start = { k: 'run-start', run: 'R', attempt: 1, agent: 'agent', messageId: 'M', at: 1 };
    await log.send(session, {
      command: 'one',
      entries: [
        note(1, { k: 'message', message: userMessage('one', 'one'), at: 1 }),
        note(2, { ...start, command: 'one' }),
      ],
      run: {
        run: 'R',
        info,
        kept,
        leaseMs: 1,
        stopped: note(3, { k: 'run-end', run: 'R', attempt: 1 }),
      },
    });
    await dead.holdfast.close();
    const seen: unknown[] = [];
    const { ask } = serve(
      () =>
        (async function* () {
          seen.push(['agent', cookies.getStore()]);
          yield* answer('Hello');
        })(),
      {
        limits: { pollMs: 20, leaseMs: 1_000 },
        onLost: () => {
          seen.push(['onLost', cookies.getStore()]);
          return 'retry';
        },
      },
    );
    // Who follows the session here is somebody else.
    await ask('bob', '', send(session, 'two', { wake: false }));
    await ask('bob', `${session}/queue`, { order: [] });
    await vi.waitFor(
      async () => {
        await ask('bob', `${session}/queue`, { order: [] });
        expect(seen).toContainEqual(['agent', undefined]);
      },
      { timeout: 20_000 },
    );
    expect(seen).toContainEqual(['onLost', undefined]);
    expect(seen).not.toContainEqual(['onLost', 'bob']);
  }, 60_000);

  it('HF-RUN-26: a run hears of its stop in its own context, whoever stops it', async () => {
    const session = id();
    const seen: unknown[] = [];
    const listening = Promise.withResolvers<void>();
    const { ask } = serve(({ signal }) =>
      (async function* () {
        yield* answer('Hello').slice(0, 3);
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => {
            seen.push(cookies.getStore());
            resolve();
          });
          listening.resolve();
        });
      })(),
    );
    await ask('alice', '', send(session, 'one'));
    await listening.promise;
    await ask('bob', `${session}/cancel`, { command: 'one' });
    await vi.waitFor(() => expect(seen).toEqual(['alice']));
  });
});
