import { createMemoryLog } from '@holdfast/log';
import { defaultLimits } from '@holdfast/protocol';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createCore } from '../../src/compose.ts';
import { streamRun } from '../../src/http/stream-run.ts';
import { turn } from '../support/background.ts';
import { manualTime } from '../support/manual-time.ts';
import { userMessage } from '../support/server.ts';

const session = 's';
const of = { run: 'r', attempt: 1 };
let nonce = 0;
const note = (entry: object) => ({ nonce: ++nonce, body: JSON.stringify({ at: 0, ...entry }) });

type Answer = { readonly id: string } | null;

/** A stream of a run that has said a word, and what it holds of its process. */
async function streaming({ missed = 0, answer: first = (): Answer => ({ id: 'p' }) } = {}) {
  const log = createMemoryLog();
  const start = { k: 'run-start', ...of, agent: 'a', messageId: 'm', command: 'c' };
  await log.send(session, {
    command: 'c',
    entries: [note({ k: 'message', message: userMessage('u', 'u') }), note(start)],
    run: { run: 'r', info: '{}', leaseMs: 60_000, stopped: note({}) },
  });
  const c = [{ type: 'start' }, { type: 'text-start', id: 't' }];
  await log.append(session, { ...of, seq: 1, entry: note({ k: 'chunks', ...of, c }) });
  const time = manualTime();
  let answer = first;
  const errors: unknown[] = [];
  const core = createCore(
    {
      log,
      authorize: () => answer(),
      onError: (error) => errors.push(error),
      limits: { ...defaultLimits, lingerMs: 0, participantConnections: 1 },
    },
    time.environment,
  );
  onTestFinished(() => core.close());
  let listening = 0;
  const onClosed = core.lifecycle.onClosed.bind(core.lifecycle);
  vi.spyOn(core.lifecycle, 'onClosed').mockImplementation((end) => {
    listening++;
    const leave = onClosed(end);
    return () => {
      listening--;
      leave();
    };
  });
  const share = await core.hubs.acquire(session);
  const before = time.timers;
  const request = new Request('http://h.test/api');
  const reader = { request, session, participant: { id: 'p' }, form: 'ui' as const };
  const { epoch } = await share.hub.handed();
  const source = { log, run: 'r', messageId: 'm', from: { epoch, id: '0-0' }, seen: [] };
  const since = core.revocations.count - missed;
  const response = streamRun(core, { ...reader, since }, share, { source, before: [] });
  const body = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!body) throw new Error('no stream');
  if (missed === 0) expect((await body.read()).value).toContain('"start"');
  const end = () =>
    log.append(session, {
      ...{ ...of, seq: 2, end: { outcome: 'finished' } as const },
      entry: note({ k: 'run-end', ...of, outcome: 'finished' }),
    });
  const rest = async () => {
    let text = '';
    for (;;) {
      const { done, value } = await body.read();
      if (done) return text;
      text += value;
    }
  };
  const held = () => ({
    isListening: listening > 0,
    isCounted: !core.quotas.hasRoom('p', 'connection'),
    isAsked: time.timers > before,
    isFollowed: core.hubs.size > 0,
  });
  const askAgain = (next: typeof answer) => {
    answer = next;
    time.pass(core.limits.recheckMs);
  };
  const refuse = () => askAgain(() => null);
  return { core, body, rest, end, held, refuse, askAgain, errors, pass: time.pass };
}

type Streaming = Awaited<ReturnType<typeof streaming>>;

const all = { isListening: true, isCounted: true, isAsked: true, isFollowed: true };
const none = { isListening: false, isCounted: false, isAsked: false, isFollowed: false };
const words = 'You may not read this chat any more.';

it.each<[name: string, act: (stream: Streaming) => Promise<void>]>([
  [
    'when its run has ended',
    async ({ end, rest }) => {
      await end();
      expect(await rest()).toMatch(/"text-start".*\[DONE\]/s);
    },
  ],
  ['when its reader has left', async ({ body }) => await body.cancel()],
  [
    'when its process closes, and breaks off',
    async ({ core, rest }) => {
      core.lifecycle.close();
      await expect(rest()).rejects.toThrow('this process is closing');
    },
  ],
  [
    'when the right to read is taken from its reader, who is told',
    async ({ core, rest }) => {
      await core.revocations.revoke({ participant: 'p' });
      expect(await rest()).toContain(words);
    },
  ],
  [
    'when the right to read it is taken from everybody in the session',
    async ({ core, rest }) => {
      await core.revocations.revoke({ session });
      expect(await rest()).toContain(words);
    },
  ],
  [
    'when the application does not grant it any more',
    async ({ refuse, rest }) => {
      refuse();
      expect(await rest()).toContain(words);
    },
  ],
])('a stream gives back all that it holds %s', async (_, act) => {
  const stream = await streaming();
  expect(stream.held()).toEqual(all);
  await act(stream);
  await vi.waitFor(() => {
    stream.pass(1);
    expect(stream.held()).toEqual(none);
  });
});

it('a stream goes on when the right to read another session has ended', async () => {
  const { core, held, rest, end } = await streaming();
  await core.revocations.revoke({ session: 'another' });
  await core.revocations.revoke({ participant: 'another' });
  await turn();
  expect(held()).toEqual(all);
  await end();
  expect(await rest()).not.toContain(words);
});

it('a stream goes on where the application cannot be asked, and whoever runs the server is told', async () => {
  const { askAgain, errors, held, rest, end } = await streaming();
  askAgain(() => {
    throw new Error('the database is away');
  });
  await vi.waitFor(() => expect(errors).toHaveLength(1));
  expect(held()).toEqual(all);
  await end();
  expect(await rest()).not.toContain(words);
});

it('a right that may have ended since it was asked for is asked for again at once', async () => {
  const { rest, end } = await streaming({ missed: 1, answer: () => null });
  await turn();
  await end();
  expect(await rest()).toContain(words);
});
