import { createChatTransport } from '@holdfast/client';
import { syncChat } from '@holdfast/client/sync';
import type { Entry } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { observe } from '../support/chat.ts';
import { startGateway } from '../support/gateway.ts';
import { PlayedLog } from '../support/played-log.ts';
import { plain } from '../support/room.ts';
import { sockets } from '../support/sockets.ts';

/** Numbers choose among the runs and messages that there are at that moment. */
type Step =
  | { readonly do: 'ask' | 'begin' | 'answer' | 'reset' | 'cut' | 'stop' | 'wait' }
  | { readonly do: 'say' | 'end' | 'truncate'; readonly which: number };

const which = fc.nat(7);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constant({ do: 'ask' as const }) },
    { weight: 4, arbitrary: fc.constant({ do: 'begin' as const }) },
    { weight: 10, arbitrary: fc.record({ do: fc.constant('say' as const), which }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('end' as const), which }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('truncate' as const), which }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constantFrom('reset' as const, 'cut' as const, 'stop' as const),
      }),
    },
    { weight: 10, arbitrary: fc.constant({ do: 'wait' as const }) },
  ),
  { minLength: 5, maxLength: 40, size: 'max' },
);

/** The entries of steps that write, as a server would write them. */
function writer(log: PlayedLog) {
  let count = 0;
  const end = (run: string, outcome: 'finished' | 'stopped' | 'failed' | 'lost'): Entry => ({
    k: 'run-end',
    run,
    attempt: 1,
    outcome,
    at: 0,
  });
  return {
    ask: () => {
      const id = `u${++count}`;
      const message = { id, role: 'user', parts: [{ type: 'text', text: id }] };
      log.write({ k: 'message', message, at: 0 });
    },
    begin: () => {
      if (log.live.length > 2) return;
      const [run, messageId] = [`r${++count}`, `M${count}`];
      const started = { run, attempt: 1, agent: 'a', messageId, command: `c${count}`, at: 0 };
      log.write({ k: 'run-start', ...started });
      const c = [
        { type: 'start', messageId },
        { type: 'text-start', id: 't' },
      ];
      log.write({ k: 'chunks', run, attempt: 1, c });
    },
    say: (at: number) => {
      const run = log.live[at % log.live.length];
      const c = [{ type: 'text-delta', id: 't', delta: `${++count} ` }];
      if (run) log.write({ k: 'chunks', run: run.run, attempt: 1, c });
    },
    end: (at: number) => {
      const run = log.live[at % log.live.length];
      const outcome = (['finished', 'stopped', 'failed', 'lost'] as const)[at % 4] ?? 'finished';
      if (run) log.write(end(run.run, outcome));
    },
    truncate: (at: number) => {
      const after = log.ids[at % log.ids.length] ?? null;
      const before = log.live;
      log.write({ k: 'truncate', after, at: 0 });
      for (const { run, messageId } of before)
        if (!log.ids.includes(messageId)) log.write(end(run, 'stopped'));
    },
  };
}

const breath = () => new Promise<void>((resolve) => setTimeout(resolve, 2));

test('HF-SUB-5, HF-ENT-1: however a log is told of, a chat ends with what the log has', async () => {
  await using gateway = await startGateway();
  let count = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const id = `s${++count}`;
      const log = new PlayedLog(id);
      const wire = sockets();
      const transport = createChatTransport<UIMessage>({
        api: gateway.api,
        WebSocket: wire.WebSocket,
        carrier: 'socket',
        onAbort: 'detach',
        environment: { random: () => 0 },
      });
      const view = observe({ id, transport });
      const sync = syncChat(view.chat, transport);
      let isOver = false;
      void (async () => {
        while (!isOver) void log.serve(await gateway.accept());
      })();
      await vi.waitFor(() => expect(sync.getSnapshot().isSynced).toBe(true), { interval: 2 });
      const write = writer(log);
      for (const step of list) {
        if ('which' in step) write[step.do](step.which);
        else if (step.do === 'ask') write.ask();
        else if (step.do === 'begin') write.begin();
        else if (step.do === 'reset') await log.reset();
        else if (step.do === 'cut') wire.cut();
        else if (step.do === 'stop') await view.chat.stop();
        else await breath();
      }
      while (log.live.length > 0) write.end(0);
      const expected = plain((await log.messages()) as unknown as UIMessage[]);
      await vi.waitFor(
        () => {
          expect(plain(view.chat.messages)).toEqual(expected);
          expect(view.chat.status).not.toMatch(/submitted|streaming/);
          expect(sync.getSnapshot().isSynced).toBe(true);
        },
        { timeout: 20_000, interval: 5 },
      );
      isOver = true;
      sync.stop();
      transport.close();
    }),
    { numRuns: 80 },
  );
}, 90_000);
