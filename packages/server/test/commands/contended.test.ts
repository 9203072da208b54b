import { createMemoryLog, type SendRefusal } from '@holdfast/log';
import type { SendRequest } from '@holdfast/protocol';
import { describe, expect, it, vi } from 'vitest';
import { asOperator } from '../../src/index.ts';
import { gatedAgent } from '../support/gated-agent.ts';
import { changed } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { userMessage } from '../support/server.ts';

/** A server whose log says, while a test wants that, that others have come in between. */
async function contendedServer() {
  const inner = createMemoryLog();
  let refusal: SendRefusal | null = null;
  let asked = 0;
  const log = changed(inner, {
    send: async (session, command) => {
      if (!refusal) return await inner.send(session, command);
      asked++;
      return { kind: 'refused', why: refusal };
    },
  });
  const { agent, end } = gatedAgent();
  const server = await startOwnServer({
    log,
    agent,
    whileBusy: ({ asked: wish = 'parallel' }) => wish,
    authorize: () => asOperator({ id: 'ann' }),
  });
  /** Asks while others come in between, and again when they do not. */
  const twice = async (ask: () => Promise<Response>, by: SendRefusal = 'stale') => {
    refusal = by;
    const contended = await ask();
    refusal = null;
    const free = await ask();
    return {
      status: contended.status,
      error: ((await contended.json()) as { error?: unknown }).error,
      asked,
      free: (await free.json()) as Record<string, unknown>,
    };
  };
  const post = (body: Partial<SendRequest>) => () =>
    server.post({ id: 's1', trigger: 'submit-message', wake: true, ...body });
  const command = (path: string, body: object) => () =>
    fetch(`${server.api}/s1/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const begin = () => server.send({ id: 's1', wake: true, message: userMessage('m1', 'first') });
  const isOver = () =>
    vi.waitFor(async () => {
      const { runs } = await server.holdfast.session('s1').state();
      expect(runs).toMatchObject([{ state: 'finished' }]);
    });
  return { post, command, twice, begin, end, isOver };
}

const toBeRepeated = {
  status: 503,
  error: { code: 'unavailable', retryMs: expect.any(Number) },
};
const second = { command: 'm2', message: userMessage('m2', 'second') };

describe('HF-HTTP-13: what others come in front of again and again is to be repeated, and then done', () => {
  it('a send that waits', async () => {
    const { begin, twice, post } = await contendedServer();
    await begin();
    const done = await twice(post({ ...second, whileBusy: 'queue' }));
    expect(done).toMatchObject({ ...toBeRepeated, free: { state: 'queued' } });
  });

  it('a send that cuts off what it does not name a position for', async () => {
    const { begin, twice, post, end, isOver } = await contendedServer();
    await begin();
    end();
    await isOver();
    const done = await twice(post({ ...second, after: null }));
    expect(done).toMatchObject({ ...toBeRepeated, asked: 5, free: { state: 'running' } });
  });

  it('a send in front of which others begin runs as often as theirs are stopped', async () => {
    const { twice, post } = await contendedServer();
    const done = await twice(post({ ...second, whileBusy: 'interrupt' }), 'busy');
    expect(done).toMatchObject({ ...toBeRepeated, asked: 5, free: { state: 'running' } });
  });

  it('a message for people', async () => {
    const { begin, twice, post, end, isOver } = await contendedServer();
    await begin();
    end();
    await isOver();
    const done = await twice(post({ ...second, after: null, wake: false }));
    expect(done).toMatchObject({ ...toBeRepeated, asked: 5, free: { state: 'posted' } });
  });

  it('an operator who takes over', async () => {
    const { twice, command } = await contendedServer();
    const done = await twice(command('handoff', { to: 'me' }));
    expect(done).toMatchObject({ ...toBeRepeated, asked: 5, free: { operator: { id: 'ann' } } });
  });

  it('a change of the queue', async () => {
    const { begin, twice, post, command } = await contendedServer();
    await begin();
    await post({ ...second, whileBusy: 'queue' })();
    const done = await twice(command('queue', { remove: ['m2'] }));
    expect(done).toMatchObject({ ...toBeRepeated, asked: 5, free: { queue: [] } });
  });
});

it('HF-HTTP-18: a send behind whose base another was accepted is refused, and asked for once', async () => {
  const { begin, twice, post, end, isOver } = await contendedServer();
  const { position } = await begin();
  end();
  await isOver();
  const done = await twice(post({ ...second, after: null, base: position }));
  const error = { code: 'conflict', reason: 'outdated' };
  expect(done).toMatchObject({ status: 409, error, asked: 1 });
});
