import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createCore } from '../../src/compose.ts';
import { systemEnvironment } from '../../src/environment.ts';
import type { HoldfastOptions, Hooks } from '../../src/index.ts';
import { HookDelivery } from '../../src/upkeep/hook-delivery.ts';
import { BackgroundWorker } from '../../src/upkeep/worker.ts';
import { changed } from '../support/logs.ts';
import { startServer, type TestServer, userMessage } from '../support/server.ts';
import { allPages, echo, say, textOf } from '../support/talk.ts';

/** A store of an application, as the documentation builds one. */
function store() {
  const sessions = new Map<string, { id: string }[]>();
  const keys: string[] = [];
  const refused: string[] = [];
  const state = { fails: 0 };
  const take = (key: string) => {
    if (state.fails > 0) {
      state.fails--;
      refused.push(key);
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
  return { sessions, keys, refused, state, hooks };
}

/** Of the hook delivery: how long a reminder waits, how often they are looked for, for how long one is claimed. */
const remindMs = 30_000;
const lookMs = 15_000;
const claimMs = 60_000;

async function serve(options: HoldfastOptions): Promise<TestServer> {
  const server = await startServer({ agent: echo, ...options });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

function coreOf(log: SessionLog) {
  const core = createCore({ log, authorize: () => ({ id: 'u' }), onError: () => {} });
  onTestFinished(() => core.close());
  return core;
}

const same = (server: TestServer, sessions: ReadonlyMap<string, unknown>) =>
  vi.waitFor(async () => expect(sessions.get('s')).toEqual(await allPages(server, 's')));

it('HF-RUN-25: the application is told of every message and truncation, in order', async () => {
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

it('HF-RUN-25: what failed is told again with the same key, and what comes behind it waits', async () => {
  const { sessions, keys, refused, state, hooks } = store();
  const log = createMemoryLog();
  const server = await serve({ hooks, log });
  state.fails = 1;
  await say(server, 's', 'm1');
  await vi.waitFor(() => expect(server.errors.length).toBeGreaterThan(0));
  await say(server, 's', 'm2');
  await same(server, sessions);
  expect(refused).toHaveLength(1);
  expect(keys[0]).toBe(refused[0]);
  expect(new Set(keys).size).toBe(keys.length);
});

it('HF-RUN-25, HF-LOG-27: another process goes on where one died, though nothing more is written', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { sessions, keys, refused, state, hooks } = store();
  let now = 0;
  const log = createMemoryLog({ now: () => now });
  const one = await serve({ hooks, log });
  state.fails = 100;
  await say(one, 's', 'm1');
  await vi.waitFor(() => expect(one.errors.length).toBeGreaterThan(1));
  await one.holdfast.close();
  const two = await serve({ hooks, log });
  state.fails = 0;
  // The reminder is not due yet: whoever set it may be at it.
  now += remindMs - 1;
  await vi.advanceTimersByTimeAsync(lookMs);
  expect(sessions.size).toBe(0);
  now += 1;
  await vi.advanceTimersByTimeAsync(lookMs);
  await same(two, sessions);
  expect(keys[0]).toBe(refused[0]);
  // What was made up for is not made up for again.
  now += 1_000_000;
  await vi.waitFor(async () => expect(await log.due('hooks', 9, 0)).toEqual([]));
});

it('HF-RUN-25: who goes on and fails too leaves it to the next look', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { sessions, state, hooks } = store();
  let now = 0;
  const log = createMemoryLog({ now: () => now });
  const server = await serve({ hooks, log });
  state.fails = 100;
  await say(server, 's', 'm1');
  await vi.waitFor(() => expect(server.errors.length).toBeGreaterThan(1));
  const failed = server.errors.length;
  now += remindMs;
  await vi.advanceTimersByTimeAsync(lookMs);
  await vi.waitFor(() => expect(server.errors.length).toBeGreaterThan(failed));
  state.fails = 0;
  now += claimMs;
  await vi.advanceTimersByTimeAsync(lookMs);
  await same(server, sessions);
});

it('HF-RUN-25, F10: the reminder is there before the application is told, also of what comes meanwhile', async () => {
  let now = 0;
  const log = createMemoryLog({ now: () => now });
  const isReminded: boolean[] = [];
  const server = await serve({
    log,
    hooks: {
      onMessage: async () => {
        now += 1_000_000;
        isReminded.push((await log.due('hooks', 9, 0)).length > 0);
      },
    },
  });
  for (const text of ['m1', 'm2', 'm3']) await say(server, 's', text);
  await vi.waitFor(() => expect(isReminded).toHaveLength(6));
  expect(isReminded).not.toContain(false);
});

it('HF-RUN-25: a process that closes tells what it began, and begins nothing more', async () => {
  const log = createMemoryLog();
  const told: string[] = [];
  let calls = 0;
  const go = Promise.withResolvers<void>();
  const server = await serve({
    log,
    hooks: {
      onMessage: async ({ message }) => {
        calls++;
        await go.promise;
        told.push(message.role);
      },
    },
  });
  await say(server, 's', 'm1');
  await vi.waitFor(() => expect(calls).toBe(1));
  const closed = server.holdfast.close();
  go.resolve();
  await closed;
  expect(told).toEqual(['user', 'assistant']);
});

it('HF-RUN-25: where entries were dropped untold, the application is told of everything anew', async () => {
  const { sessions, hooks } = store();
  const log = createMemoryLog();
  const without = await serve({ log, limits: { tailMs: 0 } });
  await say(without, 's', 'm1');
  await vi.waitFor(async () => expect((await log.open('s', { limit: 1 }))?.floor).not.toBe('0-0'), {
    timeout: 20_000,
  });
  sessions.set('s', [userMessage('gone', 'gone')]);
  const server = await serve({ hooks, log });
  await say(server, 's', 'm2');
  await same(server, sessions);
});

/** A hook delivery without the rest of a process, on a log whose time goes on only when it is told to. */
function hookDeliveryOn(
  hooks: Hooks,
  change: (log: SessionLog) => Partial<SessionLog> = () => ({}),
) {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  let now = 0;
  const inner = createMemoryLog({ now: () => now });
  const log = changed(inner, change(inner));
  const reports: { readonly session?: string | undefined }[] = [];
  const hookDelivery = new HookDelivery({
    log,
    hubs: coreOf(inner).hubs,
    hooks,
    worker: new BackgroundWorker({
      environment: systemEnvironment,
      report: (_, { session }) => reports.push({ session }),
    }),
  });
  onTestFinished(() => hookDelivery.close());
  return {
    log: inner,
    hookDelivery,
    reports,
    look: async () => {
      now += 1_000_000;
      await vi.advanceTimersByTimeAsync(lookMs);
    },
    isReminded: async () => {
      now += 1_000_000;
      return (await inner.due('hooks', 99, 0)).map(({ session }) => session);
    },
  };
}

const write = async (log: SessionLog, session: string) => {
  const body = JSON.stringify({ k: 'message', message: userMessage('m', 'm'), at: 0 });
  await log.send(session, { command: session, entries: [{ nonce: 1, body }] });
};

it('HF-RUN-25: one session that cannot be told of does not hold up others in the same look', async () => {
  const told: string[] = [];
  const { log, look, reports } = hookDeliveryOn({
    onMessage: ({ sessionId }) => {
      if (sessionId === 'a') throw new Error('the database refuses it');
      told.push(sessionId);
    },
  });
  for (const session of ['a', 'b', 'c']) {
    await write(log, session);
    await log.remind('hooks', session, 0);
  }
  await look();
  await vi.waitFor(() => expect(told).toEqual(['b', 'c']));
  expect(reports).toEqual([{ session: 'a' }]);
});

it('HF-RUN-25: closing waits for the session that a look is at, and leaves the others to other processes', async () => {
  const go = Promise.withResolvers<void>();
  const told: string[] = [];
  const looks: number[] = [];
  const { log, hookDelivery, look } = hookDeliveryOn(
    {
      onMessage: async ({ sessionId }) => {
        told.push(`begin ${sessionId}`);
        await go.promise;
        told.push(`end ${sessionId}`);
      },
    },
    (inner) => ({
      due: async (...given) => {
        const found = await inner.due(...given);
        looks.push(found.length);
        return found;
      },
    }),
  );
  for (let at = 10; at < 40; at++) {
    await write(log, `s${at}`);
    await log.remind('hooks', `s${at}`, 0);
  }
  await look();
  await vi.waitFor(() => expect(told).toHaveLength(1));
  const closed = hookDelivery.close().then(() => told.push('closed'));
  go.resolve();
  await closed;
  expect(told).toEqual(['begin s10', 'end s10', 'closed']);
  // The ten that were not claimed yet are not.
  expect(looks).toEqual([20]);
});

it('HF-RUN-25: what is written while all seems told is reminded of anew, and then not any more', async () => {
  let reminders = 0;
  const reminded: number[] = [];
  let isFirst = true;
  const made = hookDeliveryOn(
    {
      onMessage: () => {
        reminded.push(reminders);
      },
    },
    (inner) => ({
      remind: async (...given) => {
        const reminder = await inner.remind(...given);
        reminders++;
        return reminder;
      },
      dismiss: async (reminder) => {
        await inner.dismiss(reminder);
        if (!isFirst) return;
        isFirst = false;
        const body = JSON.stringify({ k: 'message', message: userMessage('n', 'n'), at: 0 });
        await inner.send('s', { command: 'n', entries: [{ nonce: 2, body }] });
        made.hookDelivery.begin('s');
      },
    }),
  );
  await write(made.log, 's');
  made.hookDelivery.begin('s');
  await vi.waitFor(() => expect(reminded).toEqual([1, 2]));
  await vi.waitFor(async () => expect(await made.isReminded()).toEqual([]));
});

it('HF-RUN-25: telling of everything anew, where it failed, is repeated with the same keys', async () => {
  const { sessions, keys, refused, state, hooks } = store();
  const log = createMemoryLog();
  const without = await serve({ log, limits: { tailMs: 0 } });
  await say(without, 's', 'm1');
  await vi.waitFor(async () => expect((await log.open('s', { limit: 1 }))?.floor).not.toBe('0-0'), {
    timeout: 20_000,
  });
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const server = await serve({ hooks, log });
  const attempts: string[][] = [];
  const retold = new HookDelivery({
    log,
    hubs: coreOf(log).hubs,
    hooks: {
      onTruncate: (truncation) => {
        attempts.push([truncation.key]);
        expect(truncation.after).toBeNull();
        return hooks.onTruncate?.(truncation);
      },
      onMessage: (told) => {
        attempts.at(-1)?.push(told.key);
        if (told.message.role === 'assistant' && attempts.length === 1) state.fails = 1;
        return hooks.onMessage?.(told);
      },
    },
    worker: new BackgroundWorker({ environment: systemEnvironment, report: () => {} }),
  });
  retold.begin('s');
  await vi.waitFor(() => expect(refused).toHaveLength(1));
  await vi.waitFor(() => {
    retold.begin('s');
    expect(attempts.length).toBeGreaterThan(1);
  });
  await same(server, sessions);
  await retold.close();
  expect(attempts[1]).toEqual(attempts[0]);
  expect(new Set(attempts[0]).size).toBe(3);
  expect(keys).toContain(refused[0]);
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
