import type { SessionLog } from '@holdfast/log';
import { expect, it } from 'vitest';
import type { HoldfastOptions } from '../../src/index.ts';
import { turn } from '../support/background.ts';
import { collect } from '../support/collector.ts';
import { entriesIn } from '../support/entries-in.ts';
import { answer } from '../support/gated-agent.ts';
import { lookingProcess, lookMs, session } from '../support/looking.ts';
import { userMessage } from '../support/server.ts';

let nonce = 0;
const note = (entry: object) => ({ nonce: ++nonce, body: JSON.stringify({ at: 0, ...entry }) });

/** Sends that wait, of which each was queued just now. */
async function queue(log: SessionLog, ...ids: readonly string[]): Promise<void> {
  const hidden = { agent: 'agent', participant: { id: 'u' } };
  const entries = ids.map((id, at) => {
    const add = { id, messages: [userMessage(`m-${id}`, id)], at: Date.now(), hidden };
    return note({ k: 'queue', order: ids.slice(0, at + 1), add });
  });
  await log.send(session, { command: `queue ${ids}`, entries });
  await log.remind('queue', session, 0);
}

/** A process with the agent of sends that wait, which notes by which message each of its runs was asked for. */
function working(options: HoldfastOptions = {}, hold: Promise<void> = Promise.resolve()) {
  const made = lookingProcess(options);
  const asked: unknown[] = [];
  const register = (name = 'agent') =>
    made.core.scheduler.register(name, ({ messages }) =>
      (async function* () {
        asked.push(messages.at(-1)?.id);
        await hold;
        yield* answer('Hello');
      })(),
    );
  const entries = () => entriesIn(made.inner, session);
  const ends = async () =>
    (await entries()).flatMap((entry) => (entry.k === 'run-end' ? [entry.outcome] : []));
  const left = async () => (await entries()).findLast(({ k }) => k === 'queue');
  return { ...made, asked, register, entries, ends, left };
}

it('HF-RUN-22: a queue whose agent is another process’s is left, and nothing is noted', async () => {
  const { inner, register, lookAround, calls, asked } = working();
  register('another');
  await queue(inner, 'q1');
  await lookAround();
  expect(calls.map(([name, topic]) => `${name} ${topic}`)).toEqual(['due queue']);
  expect(asked).toEqual([]);
});

it('HF-RUN-22, HF-FRM-5: one that was stopped before its turn has its end, and the next one begins at once', async () => {
  const { inner, register, lookAround, asked, ends, errors } = working();
  await queue(inner, 'q1', 'q2');
  await inner.cancel(session, { target: { command: 'q1' }, entry: () => note({ k: 'cancel' }) });
  register();
  await lookAround();
  expect([asked, await ends(), errors]).toEqual([['m-q2'], ['stopped', 'finished'], []]);
});

it('HF-ENT-9: one whose message came by its id in another way is taken out, and the next one begins at once', async () => {
  const { inner, register, lookAround, asked, ends, left, errors } = working();
  const message = userMessage('m-q1', 'another');
  await inner.send(session, { command: 'c', entries: [note({ k: 'message', message })] });
  await queue(inner, 'q1', 'q2');
  register();
  await lookAround();
  expect([asked, await ends(), errors]).toEqual([['m-q2'], ['finished'], []]);
  expect(await left()).toMatchObject({ order: [] });
});

const call = { type: 'tool-input-available', toolCallId: 't', toolName: 'search', input: {} };
const approval = { type: 'tool-approval-request', approvalId: 'p', toolCallId: 't' };

/** How a run has ended, what it has left open, the tools of clients, and how often what waits is asked. */
interface Left {
  readonly outcome: string;
  readonly open: readonly object[];
  readonly options?: Pick<HoldfastOptions, 'clientTools'>;
  readonly asked: 0 | 1;
}

it.each<[string, Left]>([
  ['that was lost', { outcome: 'lost', open: [call], asked: 1 }],
  ['that was stopped while nobody had it', { outcome: 'stopped', open: [call], asked: 1 }],
  ['that was tried too often', { outcome: 'failed', open: [call], asked: 1 }],
  [
    'with the tool of an agent',
    { outcome: 'lost', open: [call], options: { clientTools: ['ask'] }, asked: 1 },
  ],
  [
    'with a tool of clients',
    { outcome: 'lost', open: [call], options: { clientTools: ['search'] }, asked: 0 },
  ],
  ['that was lost behind its question', { outcome: 'lost', open: [call, approval], asked: 0 }],
  ['that asks clients', { outcome: 'finished', open: [call], asked: 0 }],
])(
  'HF-RUN-22: behind a call of a run %s it goes on, unless somebody can answer that',
  async (_, left) => {
    const { inner, register, lookAround, asked, errors } = working(left.options);
    const of = { run: 'r', attempt: 1 };
    const entries = [
      { k: 'message', message: userMessage('m', 'hi') },
      { k: 'run-start', ...of, agent: 'agent', messageId: 'a', command: 'c' },
      { k: 'chunks', ...of, c: [{ type: 'start' }, ...left.open] },
      { k: 'run-end', ...of, outcome: left.outcome, messageId: 'a' },
    ];
    await inner.send(session, { command: 'c', entries: entries.map((entry) => note(entry)) });
    await queue(inner, 'q1');
    register();
    await lookAround();
    expect([asked, errors]).toEqual([['m-q1'].slice(0, left.asked), []]);
  },
);

it('HF-AUTH-4: one of whom the application says that they may not any more is taken out, and that is reported', async () => {
  const { inner, register, lookAround, asked, ends, left, errors } = working({
    stillAllowed: () => false,
  });
  await queue(inner, 'q1');
  register();
  await lookAround();
  expect([asked, await ends()]).toEqual([[], []]);
  expect(errors).toMatchObject([{ code: 'forbidden' }]);
  expect(await left()).toMatchObject({ order: [] });
});

it('HF-TEL-2: how long it has waited is measured', async () => {
  const collector = collect();
  const { inner, register, lookAround } = working();
  await queue(inner, 'q1');
  register();
  await lookAround();
  expect(await collector.value('holdfast.queue.duration')).toBe(1);
  const told = await collector.everything();
  const [, sum] = /"name":"holdfast\.queue\.duration".*?"sum":([\d.]+)/.exec(told) ?? [];
  expect(Number(sum)).toBeLessThan(60);
});

it('hooks are told of its message when it begins, and not when its answer is over', async () => {
  const told: string[] = [];
  const gate = Promise.withResolvers<void>();
  const { inner, register, settled, time, clock, asked } = working(
    { hooks: { onMessage: ({ message }) => void told.push(message.id) } },
    gate.promise,
  );
  await queue(inner, 'q1');
  register();
  clock.now += lookMs;
  time.pass(lookMs);
  for (let turns = 0; turns < 50; turns++) await turn();
  expect([asked, told]).toEqual([['m-q1'], ['m-q1']]);
  gate.resolve();
  await settled();
  expect(told).toHaveLength(2);
});
