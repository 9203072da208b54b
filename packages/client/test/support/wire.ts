import { createChatTransport, type HoldfastChatTransport } from '@holdfast/client';
import type { UIDataTypes, UIMessage, UITools } from 'ai';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { type ManualClock, manualClock } from './clock.ts';
import { startGateway, type TestGateway } from './gateway.ts';

/** A transport whose gateway a test plays, on a clock that the test moves. */
export interface WireChat {
  readonly gateway: TestGateway;
  readonly clock: ManualClock;
  readonly errors: unknown[];
  readonly transport: HoldfastChatTransport<UIMessage<unknown, UIDataTypes, UITools>>;
}

export async function setUp(
  options: Parameters<typeof createChatTransport>[0] = {},
): Promise<WireChat> {
  const gateway = await startGateway();
  const clock = manualClock();
  const errors: unknown[] = [];
  const transport = createChatTransport<UIMessage>({
    api: gateway.api,
    WebSocket,
    carrier: 'socket',
    environment: clock.environment,
    onError: (error) => errors.push(error),
    ...options,
  });
  onTestFinished(async () => {
    transport.close();
    await gateway[Symbol.asyncDispose]();
  });
  return { gateway, clock, errors, transport };
}
