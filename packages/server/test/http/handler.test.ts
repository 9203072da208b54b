import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { HoldfastError } from '@holdfast/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createCore } from '../../src/compose.ts';
import type { Door } from '../../src/http/events.ts';
import { handleRequest } from '../../src/http/handler.ts';
import { stopAbandoned } from '../../src/http/on-disconnect.ts';
import type { HoldfastOptions } from '../../src/index.ts';
import { changed } from '../support/logs.ts';
import { manualTime } from '../support/manual-time.ts';
import { userMessage } from '../support/server.ts';

const session = 's';
const away = async (): Promise<never> => {
  throw new HoldfastError('unavailable', 'unable to ask: the log is away');
};
const broken = async (): Promise<never> => {
  throw new HoldfastError('internal', 'unable to ask: the log is broken');
};
let nonce = 0;
const note = (entry: object) => ({ nonce: ++nonce, body: JSON.stringify({ at: 0, ...entry }) });

/** A process on a log with one message, or what `through` makes of that log. */
async function serve(
  through: (log: SessionLog) => Partial<SessionLog> = () => ({}),
  options: HoldfastOptions = {},
) {
  const inner = createMemoryLog();
  const message = userMessage('u1', 'Hi');
  await inner.send(session, { command: 'c', entries: [note({ k: 'message', message })] });
  const errors: unknown[] = [];
  const time = manualTime();
  const core = createCore(
    {
      log: changed(inner, through(inner)),
      authorize: () => ({ id: 'ann' }),
      onError: (error) => errors.push(error),
      limits: { lingerMs: 0 },
      ...options,
    },
    time.environment,
  );
  onTestFinished(() => core.close());
  const nobody: Door = { accept: () => {} };
  const ask = async (path: readonly string[], init: RequestInit = {}) => {
    const request = new Request(`http://h.test/api/${path.join('/')}`, init);
    return (await handleRequest(core, nobody, request, { path })).status;
  };
  return { core, inner, errors, time, ask };
}

describe('GET /{id}/stream', () => {
  it('keeps nothing of a session in which nobody answers', async () => {
    const { core, time, ask } = await serve();
    expect(await ask([session, 'stream'])).toBe(204);
    expect(await ask(['another', 'stream'])).toBe(204);
    time.pass(1);
    expect(core.hubs.size).toBe(0);
  });

  it('nor of one that cannot be read', async () => {
    const { core, time, ask } = await serve(() => ({ open: away }));
    expect(await ask([session, 'stream'])).toBe(503);
    time.pass(1);
    expect(core.hubs.size).toBe(0);
  });

  it('is one of the streams that a participant may have at a time, and one of their reads', async () => {
    const limits = { lingerMs: 0, participantConnections: 1, readsPerMinute: 3 };
    const { core, ask } = await serve(undefined, { limits });
    const leave = core.quotas.hold('ann', 'connection');
    expect(await ask([session, 'stream'])).toBe(429);
    leave();
    expect(await ask([session, 'stream'])).toBe(204);
    expect(await ask([session])).toBe(200);
    expect(await ask([session])).toBe(429);
    expect(await ask([session, 'stream'])).toBe(429);
  });

  it('is none in a process that closes', async () => {
    const { core, ask } = await serve();
    core.lifecycle.drain();
    expect(await ask([session, 'stream'])).toBe(503);
  });
});

it('DELETE /{id} is answered when the session is gone, and only then', async () => {
  const { inner, ask } = await serve(() => ({ delete: away }));
  expect(await ask([session], { method: 'DELETE' })).toBe(503);
  expect(await inner.head(session)).not.toBeNull();
  const other = await serve();
  expect(await other.ask([session], { method: 'DELETE' })).toBe(204);
  expect(await other.inner.head(session)).toBeNull();
});

describe('HF-HTTP-37: the run of a reader who has gone', () => {
  const request = new Request('http://h.test/api/s/stream');

  /** What is asked of the log about it. */
  async function stopping(
    through: Partial<SessionLog>,
    options: HoldfastOptions = {},
    isOpen = true,
  ) {
    const asked: unknown[] = [];
    const { core, errors } = await serve(
      (log) => ({
        cancel: async (id, command) => {
          asked.push(command.target);
          return await (through.cancel ?? log.cancel.bind(log))(id, command);
        },
      }),
      options,
    );
    if (!isOpen) core.lifecycle.drain();
    await stopAbandoned(core, request, session, 'r1');
    return { asked, errors };
  }

  it('is stopped, and whoever runs the server is told where that fails', async () => {
    expect(await stopping({})).toEqual({ asked: [{ run: 'r1' }], errors: [] });
    expect(await stopping({ cancel: broken })).toMatchObject({
      asked: [{ run: 'r1' }],
      errors: [{ code: 'internal' }],
    });
  });

  it('goes on where its reader may not stop it, or the process closes', async () => {
    expect(await stopping({}, { authorize: () => null })).toEqual({ asked: [], errors: [] });
    expect(await stopping({}, {}, false)).toEqual({ asked: [], errors: [] });
  });
});
