import { createChatTransport, type HoldfastChatTransport } from '@holdfast/client';
import type { UIMessage } from 'ai';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { type ManualClock, manualClock } from './clock.ts';
import { startGateway, type TestGateway } from './gateway.ts';

type Transport = HoldfastChatTransport<UIMessage>;
type SendOptions = Parameters<Transport['sendMessages']>[0];

interface HttpChat {
  readonly gateway: TestGateway;
  readonly clock: ManualClock;
  readonly transport: Transport;
  /** Sends a message as `useChat` would. */
  readonly send: (
    messages: UIMessage[],
    more?: Partial<SendOptions>,
  ) => ReturnType<Transport['sendMessages']>;
}

export async function setUp(
  options: Parameters<typeof createChatTransport>[0] = {},
): Promise<HttpChat> {
  const gateway = await startGateway();
  const clock = manualClock();
  const transport = createChatTransport<UIMessage>({
    api: gateway.api,
    WebSocket,
    carrier: 'socket',
    environment: { ...clock.environment, mintId: () => 'minted' },
    ...options,
  });
  onTestFinished(async () => {
    transport.close();
    await gateway[Symbol.asyncDispose]();
  });
  const send = (messages: UIMessage[], more: Partial<SendOptions> = {}) =>
    transport.sendMessages({
      chatId: 's1',
      trigger: 'submit-message',
      messageId: undefined,
      messages,
      abortSignal: undefined,
      ...more,
    });
  return { gateway, clock, transport, send };
}

export const user: UIMessage = { id: 'u1', role: 'user', parts: [{ type: 'text', text: 'hi' }] };
export const second: UIMessage = { ...user, id: 'u2' };
export const answer = {
  run: 'r1',
  messageId: 'a1',
  command: 'x',
  position: 'E1:0-0',
  state: 'running',
};
