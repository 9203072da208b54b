import { TextStreamChatTransport, type UIMessage, WebSocketChatTransport } from 'ai';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { toNodeHandler } from '../../../server/src/node/index.ts';
import { text } from '../support/server.ts';
import { stockTalk } from '../support/stock-talk.ts';
import { newWords, replaceQuestions, words } from '../support/turns.ts';

/** The SDK's client of text streams behind some turns, on a route that answers in text. */
const talkInText = (turns: number, headers: Record<string, string> = {}) =>
  stockTalk(turns, ({ api, http, holdfast }, agent) => {
    http.removeAllListeners('request');
    http.on('request', toNodeHandler(holdfast, { agent, stream: 'text' }));
    return new TextStreamChatTransport<UIMessage>({ api, headers });
  });

describe('HF-HTTP-38: the TextStreamChatTransport of the AI SDK', () => {
  test('talks for several turns, though it makes up the ids of answers', async () => {
    const { answer, chat, errors, lines, shown } = await talkInText(2);
    const [prompt] = await Promise.all([answer(2, 'well'), chat.sendMessage({ text: 'on' })]);
    expect(errors).toEqual([]);
    expect(prompt).toEqual(lines().slice(0, -1));
    expect(await shown()).toEqual(lines());
  });

  test('edits a question, and asks again', async () => {
    const { answer, chat, errors, lines, shown } = await talkInText(3);
    const messageId = chat.messages[2]?.id ?? '';
    const [edited] = await Promise.all([
      answer(3, 'well'),
      chat.sendMessage({ text: 'better', messageId }),
    ]);
    expect(edited).toEqual(['user: ask 0', 'assistant: reply 0', 'user: better']);
    const [again] = await Promise.all([answer(4, 'anew'), chat.regenerate()]);
    expect(again).toEqual(edited);
    expect(errors).toEqual([]);
    expect(await shown()).toEqual(lines());
  });

  test('is given the text alone, of tools and several steps too', async () => {
    const { chat, errors, gated, observed } = await talkInText(0);
    const sent = chat.sendMessage({ text: 'Hi' });
    const run = await gated.run(0);
    run.emit({ type: 'start' }, { type: 'start-step' }, ...text('t', 'one, '));
    run.emit({ type: 'tool-input-available', toolCallId: 'c', toolName: 'f', input: {} });
    run.emit({ type: 'tool-output-available', toolCallId: 'c', output: 1 });
    run.emit({ type: 'start-step' }, ...text('u', 'two'), { type: 'finish' });
    run.end();
    await sent;
    expect([observed.text, errors]).toEqual(['one, two', []]);
  });

  test('resumes the live answer, and has none when idle', async () => {
    const { chat, gated, open } = await talkInText(0);
    void chat.sendMessage({ text: 'Hi' });
    const run = await gated.run(0);
    run.emit({ type: 'start' }, ...text('t', 'one, '));
    const later = open([...chat.messages]);
    const resumed = later.chat.resumeStream();
    await later.until(() => later.chat.status === 'streaming');
    run.emit(...text('u', 'two'), { type: 'finish' });
    run.end();
    await resumed;
    expect([later.text, later.errors]).toEqual(['one, two', []]);
    await later.chat.resumeStream();
    expect([later.chat.messages.length, later.chat.status]).toEqual([2, 'ready']);
  });

  test('stops by closing its stream, where it says so', async () => {
    const { chat, gated, observed } = await talkInText(0, { 'holdfast-on-disconnect': 'stop' });
    const sent = chat.sendMessage({ text: 'Hi' });
    const run = await gated.run(0);
    run.emit({ type: 'start' }, ...text('t', 'one'));
    await observed.until(() => observed.text === 'one');
    await chat.stop();
    await sent;
    await expect.poll(() => run.context.signal.aborted).toBe(true);
  });

  test('is told of an agent that fails', async () => {
    const { chat, errors, gated } = await talkInText(0);
    const sent = chat.sendMessage({ text: 'Hi' });
    const run = await gated.run(0);
    run.emit({ type: 'start' }, ...text('t', 'one'));
    run.fail(new Error('no'));
    await sent;
    expect([errors.length, chat.status]).toEqual([1, 'error']);
  });

  test('is refused words that no agent has written', async () => {
    const { chat, errors, gated, shown } = await talkInText(1);
    const before = await shown();
    chat.messages = chat.messages.with(1, {
      ...chat.messages[1],
      parts: words('yes'),
    } as UIMessage);
    await chat.sendMessage({ text: 'on' });
    expect(String(errors[0])).toMatch(/message 2 .* no such message/);
    expect([await shown(), gated.started]).toEqual([before, 1]);
  });
});

/** The SDK's chat on the SDK's socket, behind some turns. */
const talkOnSocket = (turns: number) =>
  stockTalk(turns, ({ origin }) => {
    const transport = new WebSocketChatTransport<UIMessage>({
      url: `${origin}/holdfast`,
      webSocket: WebSocket as never,
    });
    onTestFinished(() => transport.close());
    return transport;
  });

// AI SDK 6 has no such class.
if (WebSocketChatTransport)
  describe('a chat on the WebSocketChatTransport of the AI SDK', () => {
    test('HF-STK-2: sends, edits and asks again', async () => {
      const { answer, chat, errors, lines, shown } = await talkOnSocket(3);
      const messageId = chat.messages[2]?.id ?? '';
      const [edited] = await Promise.all([
        answer(3, 'well'),
        chat.sendMessage({ text: 'better', messageId }),
      ]);
      expect(edited).toEqual(['user: ask 0', 'assistant: reply 0', 'user: better']);
      const [again] = await Promise.all([answer(4, 'anew'), chat.regenerate()]);
      expect(again).toEqual(edited);
      expect(errors).toEqual([]);
      expect(await shown()).toEqual(lines());
    });

    test.each(newWords)('HF-STK-2: replaces a question %s, and regenerates', async (_, id) => {
      await replaceQuestions(talkOnSocket, id);
    });

    test('HF-STK-3: resumes the live answer whole behind a lost socket', async () => {
      const { chat, gated, observed, open, errors } = await talkOnSocket(0);
      const sent = chat.sendMessage({ text: 'Hi' });
      const run = await gated.run(0);
      run.emit({ type: 'start' }, ...text('t', 'one, '));
      await observed.until(() => observed.text === 'one, ');
      observed.transport.close();
      await sent;
      expect([errors.length, chat.status]).toEqual([1, 'error']);
      const later = open([...chat.messages]);
      const resumed = later.chat.resumeStream();
      await later.until(() => later.chat.status === 'streaming');
      run.emit(...text('u', 'two'), { type: 'finish' });
      run.end();
      await resumed;
      expect([later.text, later.errors, later.chat.messages.length]).toEqual(['one, two', [], 2]);
      expect(gated.started).toBe(1);
    });

    test('HF-STK-4: stop() stops the run, and what was written stays', async () => {
      const { chat, gated, observed, shown } = await talkOnSocket(0);
      const sent = chat.sendMessage({ text: 'Hi' });
      const run = await gated.run(0);
      run.emit({ type: 'start' }, ...text('t', 'one'));
      await observed.until(() => observed.text === 'one');
      await chat.stop();
      await sent;
      await expect.poll(() => run.context.signal.aborted).toBe(true);
      await expect.poll(shown).toEqual(['user: Hi', 'assistant: one']);
    });

    test('HF-STK-4: stop() stops it also before its first word', async () => {
      const { chat, gated } = await talkOnSocket(0);
      const sent = chat.sendMessage({ text: 'Hi' });
      const run = await gated.run(0);
      await chat.stop();
      await sent;
      await expect.poll(() => run.context.signal.aborted).toBe(true);
    });

    test('HF-STK-2: an answer longer than the window of a socket comes whole', async () => {
      const { chat, gated, observed, errors } = await talkOnSocket(0);
      const sent = chat.sendMessage({ text: 'Hi' });
      const run = await gated.run(0);
      const said = 'x'.repeat(20_000);
      run.emit({ type: 'start' }, { type: 'text-start', id: 't' });
      for (let at = 0; at < 200; at++) run.emit({ type: 'text-delta', id: 't', delta: said });
      run.emit({ type: 'text-end', id: 't' }, { type: 'finish' });
      run.end();
      await sent;
      expect([observed.text.length, errors]).toEqual([200 * said.length, []]);
    });
  });
