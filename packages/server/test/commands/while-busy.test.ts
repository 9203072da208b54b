import type { UIMessageChunk } from 'ai';
import { describe, expect, it, vi } from 'vitest';
import type { Agent, AgentContext, HoldfastOptions, WhileBusy } from '../../src/index.ts';
import { answer } from '../support/gated-agent.ts';
import { eachStore } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { type TestServer, userMessage } from '../support/server.ts';
import { allPages, ended, textOf } from '../support/talk.ts';

const opening: readonly UIMessageChunk[] = [{ type: 'start' }, { type: 'text-start', id: 't' }];
const delta = (text: string): UIMessageChunk => ({ type: 'text-delta', id: 't', delta: text });

/** Says `partial ` and then nothing until it is stopped, when it is asked to wait; else it answers. */
function slowOrQuick() {
  const given: AgentContext[] = [];
  const agent: Agent = (context) => {
    given.push(context);
    const last = context.messages.at(-1);
    const text = last?.parts.map((part) => ('text' in part ? part.text : '')).join('') ?? '';
    return (async function* (): AsyncGenerator<UIMessageChunk> {
      if (text !== 'wait') return yield* answer(`re: ${text}`);
      yield* opening;
      yield delta('partial ');
      await new Promise<void>((resolve) => {
        if (context.signal.aborted) resolve();
        context.signal.addEventListener('abort', () => resolve());
      });
    })();
  };
  return { agent, given };
}

describe.each(eachStore())('a send while a run is live, in %s', (_, log) => {
  async function serve(whileBusy: NonNullable<HoldfastOptions['whileBusy']>) {
    const { agent, given } = slowOrQuick();
    const shared = log();
    const start = async () => {
      return await startOwnServer({ agent, log: shared, whileBusy });
    };
    const id = `s-${crypto.randomUUID()}`;
    const one = await start();
    const two = await start();
    const wait = async () => {
      const sent = await one.send({ id, message: userMessage('w', 'wait') });
      await vi.waitFor(async () => {
        expect((await allPages(one, id)).map(textOf)).toEqual(['wait', 'partial ']);
      });
      return sent;
    };
    const post = (server: TestServer, text: string, more: object = {}) =>
      server.post({
        id,
        command: text,
        trigger: 'submit-message',
        message: userMessage(text, text),
        ...more,
      });
    const stop = (run: string) => postJson(`${one.api}/${id}/cancel`, { run });
    return { one, two, id, given, wait, post, stop };
  }

  it('HF-HTTP-21: starts beside it', async () => {
    const { one, two, id, wait, stop } = await serve('parallel');
    const first = await wait();
    const sent = await two.send({ id, message: userMessage('m', 'hello') });
    await ended(two, id, sent.run);
    expect((await allPages(one, id)).map(textOf)).toEqual([
      'wait',
      'partial ',
      'hello',
      're: hello',
    ]);
    expect((await stop(first.run)).status).toBe(200);
  });

  it('HF-HTTP-21: is refused as busy, and nothing changes; afterwards it is taken', async () => {
    const { one, two, id, wait, post, stop } = await serve('reject');
    const first = await wait();
    const refused = await post(two, 'hello');
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ error: { code: 'busy' } });
    expect((await allPages(two, id)).map(textOf)).toEqual(['wait', 'partial ']);
    await stop(first.run);
    await ended(one, id, first.run);
    expect((await post(two, 'hello')).status).toBe(200);
  });

  it('HF-HTTP-21: of many at once in an idle session one starts and the others are busy', async () => {
    const { one, two, post } = await serve('reject');
    const answers = await Promise.all(
      Array.from({ length: 8 }, (__, at) =>
        post(at % 2 ? one : two, 'wait', {
          command: `c${at}`,
          message: userMessage(`w${at}`, 'wait'),
        }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(409)]);
  });

  it('HF-HTTP-21: a repetition of the send whose run is live is no other send', async () => {
    const { two, wait, post } = await serve('reject');
    const first = await wait();
    const again = await post(two, 'wait', {
      command: first.command,
      message: userMessage('w', 'wait'),
    });
    expect(again.status).toBe(200);
    expect(await again.json()).toMatchObject({ run: first.run });
  });

  it('HF-HTTP-21: interrupts it, on another server, and the model is given the partial answer', async () => {
    const { one, two, id, given, wait, post } = await serve('interrupt');
    const first = await wait();
    const sent = (await (await post(two, 'hello')).json()) as { run: string };
    await ended(two, id, sent.run);
    const texts = ['wait', 'partial ', 'hello', 're: hello'];
    expect((await allPages(one, id)).map(textOf)).toEqual(texts);
    expect(given[0]?.signal.aborted).toBe(true);
    expect(given[1]?.messages.map((message) => textOf(message as never))).toEqual(
      texts.slice(0, 3),
    );
    expect(
      await (
        await post(one, 'wait', { command: first.command, message: userMessage('w', 'wait') })
      ).json(),
    ).toMatchObject({
      run: first.run,
      state: 'stopped',
    });
  });

  it('HF-HTTP-21: rolls it back: the partial answer is gone, for clients and for the model', async () => {
    const { one, two, id, given, wait, post } = await serve('rollback');
    await wait();
    const sent = (await (await post(two, 'hello')).json()) as { run: string };
    await ended(two, id, sent.run);
    const texts = ['wait', 'hello', 're: hello'];
    expect((await allPages(one, id)).map(textOf)).toEqual(texts);
    expect(given[1]?.messages.map((message) => textOf(message as never))).toEqual(
      texts.slice(0, 2),
    );
  });

  it('HF-HTTP-21: interrupting many times at once leaves one order, each message once and answered', async () => {
    const { one, two, id, wait, post } = await serve('interrupt');
    await wait();
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((text, at) => post(at % 2 ? one : two, text)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    await vi.waitFor(async () => {
      const texts = (await allPages(one, id)).map(textOf);
      expect(texts.filter((text) => text.startsWith('re: ')).sort()).toEqual([
        're: a',
        're: b',
        're: c',
      ]);
    });
    const order = (await allPages(one, id)).map(textOf);
    // Each of them stands once, and is answered behind where it stands.
    expect([...order].sort()).toEqual(
      ['wait', 'partial ', 'a', 'b', 'c', 're: a', 're: b', 're: c'].sort(),
    );
    for (const text of ['a', 'b', 'c'])
      expect(order.indexOf(`re: ${text}`)).toBeGreaterThan(order.indexOf(text));
    expect((await allPages(two, id)).map(textOf)).toEqual((await allPages(one, id)).map(textOf));
  });

  it('an edit stops what it cuts off, whatever the policy', async () => {
    const { one, id, wait, post } = await serve('reject');
    await wait();
    const edited = await post(one, 'hello', { message: userMessage('w', 'hello'), after: null });
    expect(edited.status).toBe(200);
    await ended(one, id, ((await edited.json()) as { run: string }).run);
    expect((await allPages(one, id)).map(textOf)).toEqual(['hello', 're: hello']);
  });

  it('a function decides for each send, and may heed what the sender asks for', async () => {
    const asked: (WhileBusy | undefined)[] = [];
    const { two, wait, post } = await serve((send) => {
      asked.push(send.asked);
      return send.asked ?? 'reject';
    });
    await wait();
    expect((await post(two, 'hello')).status).toBe(409);
    expect((await post(two, 'hello', { whileBusy: 'interrupt' })).status).toBe(200);
    expect((await post(two, 'hi', { whileBusy: 'never' })).status).toBe(400);
    expect(asked).toEqual([undefined, undefined, 'interrupt']);
  });

  it('a call may ask in its body, from our client or a stock one', async () => {
    const { one, id, wait, post } = await serve((send) => send.asked ?? 'reject');
    await wait();
    const asking = { body: { whileBusy: 'rollback' } };
    await post(one, 'wait', { ...asking, command: 'c', message: userMessage('w2', 'wait') });
    await vi.waitFor(async () => {
      expect((await allPages(one, id)).map(textOf)).toEqual(['wait', 'wait', 'partial ']);
    });
    const messages = [...(await allPages(one, id)), userMessage('m', 'hello')];
    const stock = { id, trigger: 'submit-message', messages };
    expect((await one.post(stock)).status).toBe(409);
    const reply = await one.post({ ...stock, whileBusy: 'interrupt' });
    await reply.text();
    expect((await allPages(one, id)).map(textOf).at(-1)).toBe('re: hello');
  });
});
