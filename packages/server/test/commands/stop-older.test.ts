import { createMemoryLog } from '@holdfast/log';
import { expect, it, vi } from 'vitest';
import { answer, gatedAgent } from '../support/gated-agent.ts';
import { startOwnServer } from '../support/own-server.ts';
import { settled } from '../support/paged.ts';
import { postJson } from '../support/post.ts';
import { userMessage } from '../support/server.ts';
import { allPages, ended } from '../support/talk.ts';

/** A session with many messages, of which this process holds the newest, and a run that is live behind them. */
async function setUp() {
  const log = createMemoryLog();
  const { agent, emit, end } = gatedAgent();
  const server = await startOwnServer({ log, agent, limits: { pageMessages: 4 } });
  for (let at = 0; at < 20; at++) {
    const sent = await server.send({ id: 's', message: userMessage(`m${at}`, 'Hi') });
    emit({ type: 'start' }, { type: 'finish' });
    end();
    await ended(server, 's', sent.run);
  }
  await settled(log, 's');
  const live = await server.send({ id: 's', message: userMessage('last', 'Go') });
  const stop = async (messageId: string) =>
    await (await postJson(`${server.api}/s/stop`, { messageId })).json();
  return { log, server, live, stop };
}

it('HF-HTTP-37: a client that shows an old message last stops what is live behind it', async () => {
  const { server, live, stop } = await setUp();
  expect(await stop('m0')).toEqual({ state: 'stopping' });
  await ended(server, 's', live.run);
  // Nothing is left that would stop a send of that name before it begins.
  const again = await server.send({ id: 's', command: 'm0', message: userMessage('other', 'Go') });
  expect(again.state).toBe('running');
});

it('HF-HTTP-37: a message that is nowhere is one that is still to come, and what is live goes on', async () => {
  const { log, stop } = await setUp();
  expect(await stop('to-come')).toEqual({ state: 'stopping' });
  expect((await log.head('s'))?.runs).toMatchObject([{ cancelled: false }]);
});

it.each([
  ['an answer', 1],
  ['a message whose command has another name', 0],
])('HF-HTTP-37: behind %s nothing is live, which is told, and no stop is kept', async (_, at) => {
  const log = createMemoryLog();
  const { agent, emit, end } = gatedAgent();
  const server = await startOwnServer({ log, agent });
  const cancel = vi.spyOn(log, 'cancel');
  const sent = await server.send({ id: 's', command: 'c', message: userMessage('m', 'Hi') });
  emit(...answer('Hello.'));
  end();
  await ended(server, 's', sent.run);
  const messageId = (await allPages(server, 's'))[at]?.id;
  const response = await postJson(`${server.api}/s/stop`, { messageId });
  expect(await response.json()).toEqual({ state: 'finished' });
  expect(cancel).not.toHaveBeenCalled();
});
