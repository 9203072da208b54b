import { createChatTransport } from '@holdfast/client';
import { DefaultChatTransport } from '@holdfast/client/ai';
import { type ChatTransport, DefaultChatTransport as Stock, type UIMessage } from 'ai';
import { expect, expectTypeOf, test } from 'vitest';
import { observe } from './support/chat.ts';
import { routeOnly } from './support/hosts.ts';
import { freshId, text } from './support/server.ts';

type Own = UIMessage<{ at: number }>;

test('the transport under the name that stock has carries a turn, by its import alone', async () => {
  const { api, agent } = await routeOnly();
  const transport = new DefaultChatTransport({ api, carrier: 'http' });
  expect(Object.keys(transport)).toEqual(Object.keys(createChatTransport()));
  const view = observe({ id: freshId(), transport });
  const sent = view.chat.sendMessage({ text: 'hi' });
  const run = await agent.run(0);
  run.emit({ type: 'start' }, ...text('t', 'ho'), { type: 'finish' });
  run.end();
  await sent;
  expect(view.text).toBe('ho');
  transport.close();
});

test('its types are those of stock, and an option without a meaning here is none', () => {
  expectTypeOf<DefaultChatTransport<Own>>().toExtend<ChatTransport<Own>>();
  const headers = () => ({ authorization: 'Bearer secret' });
  const options = { api: '/api/chat', headers, body: { a: 1 }, credentials: 'include' } as const;
  expectTypeOf(DefaultChatTransport<Own>).toBeConstructibleWith(options);
  expectTypeOf(Stock<Own>).toBeConstructibleWith(options);
  const prepareReconnectToStreamRequest = () => ({});
  // @ts-expect-error a transport that follows sessions has no such request
  const made = () => new DefaultChatTransport({ prepareReconnectToStreamRequest });
  expectTypeOf(made).returns.toExtend<ChatTransport<UIMessage>>();
});
