import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { expect, it, onTestFinished, vi } from 'vitest';
import { systemEnvironment } from '../../src/environment.ts';
import { HookDelivery } from '../../src/upkeep/hook-delivery.ts';
import { BackgroundWorker } from '../../src/upkeep/worker.ts';
import { coreOf, hookDeliveryOn, writeAll } from '../support/hook-delivery-on.ts';
import { same, store } from '../support/hooked.ts';
import { startEchoServer } from '../support/own-server.ts';
import { userMessage } from '../support/server.ts';
import { say } from '../support/talk.ts';

const write = (log: SessionLog, session: string) =>
  writeAll(log, session, [{ k: 'message', message: userMessage('m', 'm') }]);

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

it('HF-RUN-25: what others come in between of again and again is told three times, and left to the next look', async () => {
  let told = 0;
  const made = hookDeliveryOn({ onMessage: () => void told++ });
  const { log } = made;
  await write(log, 's');
  // Somebody else has noted how far it was told, each time.
  made.stale = true;
  made.hookDelivery.begin('s');
  await vi.waitFor(() => expect(told).toBe(3));
  await vi.waitFor(async () => expect(await made.isReminded()).toEqual(['s']));
  expect(told).toBe(3);
  made.stale = false;
  await made.look();
  await vi.waitFor(() => expect(told).toBe(4));
  await vi.waitFor(async () => expect(await made.isReminded()).toEqual([]));
});

it('HF-RUN-25: an application is told of what it asks for alone', async () => {
  const cut: (string | null)[] = [];
  const made = hookDeliveryOn({ onTruncate: ({ after }) => void cut.push(after) });
  await write(made.log, 's');
  const bodies = [
    { k: 'answer', messageId: 'none', chunks: [] },
    { k: 'truncate', after: 'm' },
  ];
  await writeAll(made.log, 's', bodies);
  made.hookDelivery.begin('s');
  await vi.waitFor(() => expect(cut).toEqual(['m']));
  await vi.waitFor(async () => expect(await made.isReminded()).toEqual([]));
  expect(made.reports).toEqual([]);
});

it('HF-RUN-25: an answer of nothing is not told, and one that is answered is told anew', async () => {
  const told: string[] = [];
  const made = hookDeliveryOn({ onMessage: ({ message }) => void told.push(message.id) });
  const run = { run: 'r', attempt: 1, agent: 'a', messageId: 'empty', command: 'c' };
  const call = { type: 'tool-input-available', toolCallId: 't', toolName: 'n', input: {} };
  const later = { ...run, run: 'q', messageId: 'asks' };
  const entries = [
    { k: 'run-start', ...run },
    { k: 'run-end', run: 'r', attempt: 1, messageId: 'empty', outcome: 'stopped' },
    { k: 'run-start', ...later },
    { k: 'chunks', run: 'q', attempt: 1, c: [{ type: 'start' }, call] },
    { k: 'run-end', run: 'q', attempt: 1, messageId: 'asks', outcome: 'finished' },
    {
      ...{ k: 'answer', messageId: 'asks' },
      chunks: [{ type: 'tool-output-available', toolCallId: 't', output: 1 }],
    },
  ];
  await writeAll(made.log, 's', entries);
  made.hookDelivery.begin('s');
  await vi.waitFor(() => expect(told).toEqual(['asks', 'asks']));
  await vi.waitFor(async () => expect(await made.isReminded()).toEqual([]));
});

it('HF-RUN-25: an answer is told of when it ends, behind messages that stand behind it', async () => {
  const told: string[] = [];
  const { log, hookDelivery } = hookDeliveryOn({
    onMessage: ({ message }) => void told.push(message.id),
  });
  const one = { run: 'r', attempt: 1, agent: 'a', messageId: 'first answer', command: 'c' };
  const two = { ...one, run: 'q', messageId: 'second answer' };
  const said = { attempt: 1, c: [{ type: 'start' }, { type: 'text-start', id: 't' }] };
  const entries = [
    { k: 'message', message: userMessage('first', 'first') },
    { k: 'run-start', ...one },
    { k: 'message', message: userMessage('second', 'second') },
    { k: 'run-start', ...two },
    { k: 'chunks', run: 'q', ...said },
    { k: 'run-end', run: 'q', attempt: 1, messageId: 'second answer', outcome: 'finished' },
    { k: 'chunks', run: 'r', ...said },
    { k: 'run-end', run: 'r', attempt: 1, messageId: 'first answer', outcome: 'finished' },
  ];
  await writeAll(log, 's', entries);
  hookDelivery.begin('s');
  await vi.waitFor(() => expect(told).toHaveLength(4));
  expect(told).toEqual(['first', 'second', 'second answer', 'first answer']);
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
  const without = await startEchoServer({ log, limits: { tailMs: 0 } });
  await say(without, 's', 'm1');
  await vi.waitFor(async () => expect((await log.open('s', { limit: 1 }))?.floor).not.toBe('0-0'), {
    timeout: 20_000,
  });
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const server = await startEchoServer({ hooks, log });
  const attempts: string[][] = [];
  const retold = new HookDelivery({
    log,
    ...coreOf(log),
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
