import '@holdfast/testkit/redis-global-setup';
import type { SessionLog } from '@holdfast/log';
import { DefaultChatTransport, type FileUIPart, type UIMessage } from 'ai';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { bytesOf, dataUrl, digestOf } from '../../../server/test/support/files.ts';
import { changed, stores } from '../../../server/test/support/logs.ts';
import { observe } from '../support/chat.ts';
import { answer } from '../support/room.ts';
import { freshId, gatedAgent, startServer } from '../support/server.ts';

const photo = bytesOf(3_145_728);
const url = dataUrl(photo);
const file: FileUIPart = { type: 'file', mediaType: 'image/png', filename: 'cat.png', url };

const fileIn = ([message]: readonly UIMessage[] = []): FileUIPart | undefined =>
  message?.parts.find((part) => part.type === 'file');

describe.each(Object.keys(stores))('a picture of 3 MB, in %s', (store) => {
  /** Two processes on one store, how many pieces both have written, and pages of the SDK's own transport. */
  async function serve() {
    const open = stores[store]?.() as () => SessionLog;
    const agent = gatedAgent();
    const id = freshId();
    let puts = 0;
    const servers = await Promise.all(
      [open(), open()].map(async (log) => {
        const putPiece: SessionLog['putPiece'] = (...piece) => {
          puts++;
          return log.putPiece(...piece);
        };
        const server = await startServer(agent.agent, { log: changed(log, { putPiece }) });
        onTestFinished(() => log.close());
        onTestFinished(() => server[Symbol.asyncDispose]());
        return server;
      }),
    );
    const page = (at: number, messages: UIMessage[] = []) => {
      const transport = new DefaultChatTransport<UIMessage>({ api: servers[at]?.api ?? '' });
      return observe({ id, messages, transport });
    };
    return { agent, id, servers, page, puts: () => puts };
  }

  test('HF-FILE-10, HF-FILE-14: stock clients send it, are shown it and send it again, and it is kept once', async () => {
    const { agent, id, servers, page, puts } = await serve();
    const one = page(0);
    const first = one.chat.sendMessage({ text: 'look', files: [file] });
    const run = await agent.run(0);
    expect(fileIn(run.context.messages)?.url === url).toBe(true);
    await Promise.all([first, answer({ agent }, 0, 'a cat')]);
    // The SDK's own client sends its whole list each time, the picture with it.
    await Promise.all([
      one.chat.sendMessage({ text: 'and now?' }),
      answer({ agent }, 1, 'still a cat'),
    ]);
    expect(puts()).toBe(12);

    // Another page on another process, with what that hands out to begin with.
    const { messages } = await (await fetch(`${servers[1]?.api}/${id}`)).json();
    const two = page(1, messages as UIMessage[]);
    const shown = fileIn(two.chat.messages)?.url ?? '';
    expect(shown).toBe(`/api/chat/${id}/files/${digestOf(photo)}`);
    const got = await fetch(new URL(shown, servers[1]?.origin));
    expect(Buffer.from(await got.arrayBuffer()).equals(photo)).toBe(true);
    await Promise.all([two.chat.sendMessage({ text: 'sure?' }), answer({ agent }, 2, 'yes')]);
    const { messages: prompt } = (await agent.run(2)).context;
    expect(prompt).toHaveLength(5);
    expect(fileIn(prompt)?.url === url).toBe(true);
    expect(puts()).toBe(12);
    for (const { errors } of [one, two]) expect(errors).toEqual([]);

    // One that follows the answer of a page that is gone.
    void two.chat.sendMessage({ text: 'go on' });
    const live = await agent.run(3);
    const three = page(0, [...two.chat.messages]);
    const resumed = three.chat.resumeStream();
    await vi.waitFor(() => expect(three.chat.status).toBe('submitted'));
    live.emit({ type: 'start' }, { type: 'file', mediaType: 'image/png', url });
    live.end();
    await resumed;
    const [answered] = three.chat.messages.slice(-1);
    expect(fileIn(answered && [answered])?.url).toContain(shown);
    expect(puts()).toBe(12);
  });
});
