import { createMemoryLog, type SessionLog } from '@holdfast/log';
import type { Authorize } from '@holdfast/server';
import { DefaultChatTransport, type UIMessage } from 'ai';
import { describe, expect, onTestFinished, test } from 'vitest';
import { observe } from '../support/chat.ts';
import { freshId, gatedAgent, startServer, text } from '../support/server.ts';

const headers = { 'holdfast-on-disconnect': 'stop' };

interface Wishes {
  readonly headers?: Readonly<Record<string, string>>;
  readonly authorize?: Authorize;
  readonly log?: SessionLog;
}

/** A stock client of the SDK, and an agent that is in the middle of its answer unless a test says otherwise. */
async function talking({ headers: said, ...options }: Wishes = {}) {
  const gated = gatedAgent();
  const server = await startServer(gated.agent, options);
  onTestFinished(() => server[Symbol.asyncDispose]());
  const id = freshId();
  const open = (messages: UIMessage[] = []) =>
    observe({
      id,
      messages,
      transport: new DefaultChatTransport({ api: server.api, ...(said && { headers: said }) }),
    });
  const { chat, errors } = open();
  const begin = async (at = 0) => {
    const sent = chat.sendMessage({ text: 'Hi' });
    const run = await gated.run(at);
    run.emit({ type: 'start' }, ...text('t', `Well ${at}`));
    await expect.poll(() => chat.lastMessage?.parts.at(-1)).toMatchObject({ text: `Well ${at}` });
    return { run, sent };
  };
  const finish = async ({ run, sent }: Awaited<ReturnType<typeof begin>>) => {
    run.emit({ type: 'finish' });
    run.end();
    await sent;
  };
  /** Of the newest run. */
  const outcome = async (): Promise<string | undefined> => {
    const { runs } = await server.holdfast.session(id).state();
    return runs.at(-1)?.state;
  };
  const stop = (body?: object) =>
    fetch(`${server.api}/${id}/stop`, {
      method: 'POST',
      ...(body && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
  /** Leaves the stream, and waits until the server has noticed. */
  const leave = async ({ sent }: Pick<Awaited<ReturnType<typeof begin>>, 'sent'>) => {
    await chat.stop();
    await sent;
    const connections = () =>
      new Promise<number>((resolve) => server.http.getConnections((_, count) => resolve(count)));
    await expect.poll(connections).toBe(0);
    expect(await outcome()).toBe('running');
  };
  return { server, gated, chat, errors, id, open, begin, finish, leave, outcome, stop };
}

describe('HF-HTTP-37: by the header, a stock client’s closed stream', () => {
  test('stops its run, and what was written stays', async () => {
    const { chat, begin, outcome, server, id } = await talking({ headers });
    const { run, sent } = await begin();
    await chat.stop();
    await sent;
    await expect.poll(() => run.context.signal.aborted).toBe(true);
    await expect.poll(() => outcome()).toBe('stopped');
    expect(chat.status).toBe('ready');
    const { messages } = await server.holdfast.session<UIMessage>(id).state();
    expect(messages.at(-1)?.parts).toContainEqual(expect.objectContaining({ text: 'Well 0' }));
  });

  test('stops it also before it was answered', async () => {
    let admit = () => {};
    const asked = new Promise<void>((resolve) => {
      admit = resolve;
    });
    let isAsked = false;
    const authorize: Authorize = async ({ action }) => {
      isAsked = true;
      if (action === 'send') await asked;
      return { id: 'ann' };
    };
    const { chat, outcome } = await talking({ headers, authorize });
    const sent = chat.sendMessage({ text: 'Hi' });
    await expect.poll(() => isAsked).toBe(true);
    await chat.stop();
    await sent;
    admit();
    await expect.poll(() => outcome()).toBe('stopped');
  });

  test('stops it also where it was picked up again', async () => {
    const { server, id, begin, outcome, open, chat } = await talking({ headers });
    const { run } = await begin();
    const later = open([...chat.messages]);
    const resumed = later.chat.resumeStream();
    await expect.poll(() => later.chat.status).toBe('streaming');
    await later.chat.stop();
    await resumed;
    await expect.poll(() => outcome()).toBe('stopped');
    expect(run.context.signal.aborted).toBe(true);
    expect((await server.holdfast.session(id).state()).runs).toHaveLength(1);
  });

  test('changes nothing of a run that has ended', async () => {
    const { chat, begin, outcome } = await talking({ headers });
    const { run, sent } = await begin();
    run.emit({ type: 'finish' });
    run.end();
    await sent;
    await chat.stop();
    expect(await outcome()).toBe('finished');
  });

  test('stops no run of whoever may not stop', async () => {
    const authorize: Authorize = () => ({ id: 'ann', may: ['read', 'send'] });
    const { begin, finish, leave, outcome, server } = await talking({ headers, authorize });
    const begun = await begin();
    await leave(begun);
    await finish(begun);
    await expect.poll(() => outcome()).toBe('finished');
    expect(server.errors).toEqual([]);
  });

  test('stops no run of a server that closes', async () => {
    const log = createMemoryLog();
    const { begin, server, outcome, id } = await talking({ headers, log });
    const { run, sent } = await begin();
    const closing = server.holdfast.close({ runsMs: 60_000 });
    server.http.closeAllConnections();
    await sent;
    expect(await outcome()).toBe('running');
    run.emit({ type: 'finish' });
    run.end();
    await closing;
    const read = await log.read(id, { after: null, limit: 100 });
    const last = read.kind === 'entries' && JSON.parse(read.entries.at(-1)?.body ?? '');
    expect(last).toMatchObject({ k: 'run-end', outcome: 'finished' });
  });
});

describe('HF-HTTP-37: without it, a stock client’s closed stream', () => {
  test.each([[undefined], [{ 'holdfast-on-disconnect': 'continue' }]])(
    'leaves the run: %o',
    async (said) => {
      const { begin, finish, leave, outcome } = await talking(said ? { headers: said } : {});
      const begun = await begin();
      await leave(begun);
      await finish(begun);
      await expect.poll(() => outcome()).toBe('finished');
    },
  );

  test('says so when the header cannot be read', async () => {
    const { chat, errors, gated } = await talking({ headers: { 'holdfast-on-disconnect': 'yes' } });
    await chat.sendMessage({ text: 'Hi' });
    expect(String(errors[0])).toMatch(/holdfast-on-disconnect.*stop or continue/);
    expect(gated.started).toBe(0);
  });
});

describe('HF-HTTP-37: POST /{id}/stop', () => {
  test('stops what is live, as the SDK’s page has it: without a body', async () => {
    const { chat, begin, outcome, stop } = await talking();
    const { sent } = await begin();
    const response = await stop();
    expect([response.status, await response.json()]).toEqual([200, { state: 'stopping' }]);
    await chat.stop();
    await sent;
    await expect.poll(() => outcome()).toBe('stopped');
    expect(await (await stop()).json()).toEqual({ state: 'finished' });
  });

  test('stops what writes into the message that it names, or behind it', async () => {
    const { chat, begin, finish, outcome, stop } = await talking();
    await finish(await begin());
    const second = await begin(1);
    await stop({ assistantMessage: chat.messages[3], activeStreamId: null });
    await second.sent;
    await expect.poll(() => outcome()).toBe('stopped');
    const third = await begin(2);
    await stop({ messageId: chat.messages[4]?.id });
    await third.sent;
    await expect.poll(() => outcome()).toBe('stopped');
  });

  test('that names a later message stops nothing of what is before it', async () => {
    const { begin, finish, outcome, stop } = await talking();
    const first = await begin();
    expect((await stop({ messageId: 'later' })).status).toBe(200);
    await finish(first);
    expect(await outcome()).toBe('finished');
  });

  test('that comes before the send stops that before it begins', async () => {
    const { chat, begin, finish, gated, stop, server, id } = await talking();
    await finish(await begin());
    expect(await (await stop({ messageId: 'next' })).json()).toEqual({ state: 'stopping' });
    await chat.sendMessage({ id: 'next', role: 'user', parts: [{ type: 'text', text: 'x' }] });
    const { runs, messages } = await server.holdfast.session<UIMessage>(id).state();
    expect(runs.at(-1)?.state).toBe('stopped');
    expect(messages.map((message) => message.id)).toContain('next');
    expect(gated.started).toBe(1);
  });

  test('is refused to whoever may not stop, and with words that are no id', async () => {
    const authorize: Authorize = () => ({ id: 'ann', may: ['read', 'send'] });
    const { begin, stop } = await talking({ authorize });
    const { run, sent } = await begin();
    expect((await stop()).status).toBe(403);
    run.end();
    await sent;
    const other = await talking();
    expect((await other.stop({ messageId: 7 })).status).toBe(400);
  });

  test('is refused from another site, also without a body', async () => {
    const { server, id, begin, outcome } = await talking();
    const { run, sent } = await begin();
    const url = `${server.api}/${id}/stop`;
    const foreign = { origin: 'https://foreign.example' };
    expect((await fetch(url, { method: 'POST', headers: foreign })).status).toBe(403);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await fetch(url, { method: 'POST', headers: form })).status).toBe(400);
    expect((await fetch(url, { method: 'POST', body: new Blob(['a=b']) })).status).toBe(400);
    run.emit({ type: 'finish' });
    run.end();
    await sent;
    expect(await outcome()).toBe('finished');
  });
});
