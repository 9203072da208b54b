import { createMemoryLog } from '@holdfast/log';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { HoldfastOptions, Hooks } from '../src/index.ts';
import { startServer, type TestServer, userMessage } from './support/server.ts';
import { allPages, echo, say, textOf } from './support/talk.ts';

/** A store of an application, as the documentation builds one. */
function store() {
  const sessions = new Map<string, { id: string }[]>();
  const keys: string[] = [];
  const state = { fails: 0 };
  const take = (key: string) => {
    if (state.fails > 0) {
      state.fails--;
      throw new Error('the database is away');
    }
    keys.push(key);
  };
  const hooks: Hooks = {
    onMessage: ({ sessionId, key, message }) => {
      take(key);
      const messages = sessions.get(sessionId) ?? [];
      const at = messages.findIndex(({ id }) => id === message.id);
      sessions.set(sessionId, at < 0 ? [...messages, message] : messages.with(at, message));
    },
    onTruncate: ({ sessionId, key, after }) => {
      take(key);
      const messages = sessions.get(sessionId) ?? [];
      const end = messages.findIndex(({ id }) => id === after) + 1;
      sessions.set(sessionId, messages.slice(0, end));
    },
  };
  return { sessions, keys, state, hooks };
}

async function serve(options: HoldfastOptions): Promise<TestServer> {
  const server = await startServer({ agent: echo, ...options });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

const same = (server: TestServer, sessions: ReadonlyMap<string, unknown>) =>
  vi.waitFor(async () => expect(sessions.get('s')).toEqual(await allPages(server, 's')));

it('HF-RUN-8: the application is told of every message and truncation, in order', async () => {
  const { sessions, keys, hooks } = store();
  const server = await serve({ hooks });
  await say(server, 's', 'm1');
  await say(server, 's', 'm2');
  await same(server, sessions);
  const [m1] = await allPages(server, 's');
  await say(server, 's', 'edited', { after: m1?.id });
  await same(server, sessions);
  expect(new Set(keys).size).toBe(keys.length);
  expect((await allPages(server, 's')).map(textOf)).toEqual(['m1', 'edited', 're: edited']);
});

it('HF-RUN-8: what failed is told again with the same key, and what comes behind it waits', async () => {
  const { sessions, state, hooks } = store();
  const log = createMemoryLog();
  const server = await serve({ hooks, log });
  state.fails = 1;
  await say(server, 's', 'm1');
  await vi.waitFor(() => expect(server.errors.length).toBeGreaterThan(0));
  await say(server, 's', 'm2');
  await same(server, sessions);
});

it('HF-RUN-8, HF-LOG-16: another process goes on where one died', async () => {
  const { sessions, state, hooks } = store();
  const log = createMemoryLog();
  const one = await serve({ hooks, log });
  state.fails = 100;
  await say(one, 's', 'm1');
  await vi.waitFor(() => expect(one.errors.length).toBeGreaterThan(1));
  await one.holdfast.close();
  state.fails = 0;
  const two = await serve({ hooks, log });
  await say(two, 's', 'm2');
  await same(two, sessions);
});

it('HF-RUN-8: where entries were dropped untold, the application is told of everything anew', async () => {
  const { sessions, hooks } = store();
  const log = createMemoryLog();
  const without = await serve({ log, limits: { tailMs: 0 } });
  await say(without, 's', 'm1');
  await vi.waitFor(async () => expect((await log.open('s', { limit: 1 }))?.floor).not.toBe('0-0'), {
    timeout: 5_000,
  });
  sessions.set('s', [userMessage('gone', 'gone')]);
  const server = await serve({ hooks, log });
  await say(server, 's', 'm2');
  await same(server, sessions);
});

it('entries stay in the log until the application was told', async () => {
  const { state, hooks } = store();
  const log = createMemoryLog();
  const server = await serve({ hooks, log, limits: { tailMs: 0 } });
  await say(server, 's', 'm1');
  await vi.waitFor(async () => expect((await log.open('s', { limit: 1 }))?.handed).not.toBe('0-0'));
  state.fails = 1_000;
  await say(server, 's', 'm2');
  await vi.waitFor(async () => {
    const opened = await log.open('s', { limit: 1 });
    expect(opened?.checkpoint).toBe(opened?.top);
  });
  const opened = await log.open('s', { limit: 1 });
  const after = { epoch: opened?.epoch ?? '', id: opened?.handed ?? '' };
  expect(await log.read('s', { after, limit: 10 })).toMatchObject({ kind: 'entries' });
});
