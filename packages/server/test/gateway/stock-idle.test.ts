import { createMemoryLog } from '@holdfast/log';
import { closeCodes, defaultLimits } from '@holdfast/protocol';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createCore } from '../../src/compose.ts';
import { systemEnvironment } from '../../src/environment.ts';
import { Gateway } from '../../src/gateway/gateway.ts';
import { GuardedSocket } from '../../src/gateway/guarded-socket.ts';
import { type AnswerRequest, StockConnection } from '../../src/gateway/stock-connection.ts';
import { handleRequest } from '../../src/http/handler.ts';
import { fakeSocket } from '../support/fake-socket.ts';

it('HF-STK-1: only what is answered gives a socket more time, and that a minute at a time', async () => {
  let now = 0;
  const core = createCore(
    {
      log: createMemoryLog(),
      authorize: ({ sessionId }) => (sessionId === 'theirs' ? null : { id: 'u' }),
    },
    { ...systemEnvironment, now: () => now },
  );
  onTestFinished(() => core.close());
  const answer: AnswerRequest = (request, route) => handleRequest(core, gateway, request, route);
  const gateway = new Gateway(core, answer);
  const open = () => {
    const socket = Object.assign(fakeSocket(), { protocol: '' });
    const request = new Request('http://test/holdfast');
    const host = { awake: () => now, onClosed: () => {}, onGone: () => {}, answer };
    const held = new GuardedSocket(socket, (error) => core.report(error, {}));
    const connection = new StockConnection(core, held, request, host);
    const tick = (ms: number) => {
      now += ms;
      connection.tick(now, false);
    };
    return { socket, tick };
  };
  const resume = (id: string) => ({ type: 'resume', requestId: 'r', id });
  const refused = open();
  refused.socket.say({ type: 'abort', requestId: 'r' });
  refused.socket.say(resume('theirs'));
  await vi.waitFor(() => expect(refused.socket.frames).toHaveLength(1));
  refused.tick(defaultLimits.helloTimeoutMs);
  // A frame that is still being answered holds the socket; another tick comes.
  await vi.waitFor(() => {
    refused.tick(0);
    expect(refused.socket.code).toBe(closeCodes.helloTimeout.code);
  });
  const allowed = open();
  for (const count of [1, 2]) {
    allowed.socket.say(resume('s1'));
    await vi.waitFor(() => expect(allowed.socket.frames).toHaveLength(count));
    allowed.tick(59_999);
    expect(allowed.socket.code).toBeNull();
  }
  allowed.tick(1);
  await vi.waitFor(() => {
    allowed.tick(0);
    expect(allowed.socket.code).toBe(closeCodes.normal.code);
  });
});
