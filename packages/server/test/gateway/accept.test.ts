import { closeCodes } from '@holdfast/protocol';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { createHoldfast, type HoldfastOptions } from '../../src/index.ts';
import { fakeSocket } from '../support/fake-socket.ts';
import { startServer } from '../support/server.ts';

afterEach(() => {
  vi.useRealTimers();
});

const request = () => new Request('http://x/holdfast', { headers: { host: 'x' } });

function accepted(options: HoldfastOptions = {}) {
  const holdfast = createHoldfast({
    prefix: crypto.randomUUID(),
    authorize: () => ({ id: 'u' }),
    onError: () => {},
    ...options,
  });
  onTestFinished(() => holdfast.close({ runsMs: 0 }));
  const socket = fakeSocket();
  holdfast.accept(socket, request());
  return { holdfast, socket };
}

/** An application that takes its time to say who connects. */
function slowly() {
  const admits: ((participant: { id: string }) => void)[] = [];
  const authorize: HoldfastOptions['authorize'] = ({ action }) =>
    action === 'connect' ? new Promise((resolve) => admits.push(resolve)) : { id: 'u' };
  const admit = () =>
    vi.waitFor(() => {
      expect(admits).not.toEqual([]);
      for (const each of admits) each({ id: 'u' });
    });
  return { authorize, admit };
}

it('HF-CONN-7: what waits behind a slow hello has a bound in bytes and in count', async () => {
  const { socket: eager } = accepted(slowly());
  eager.say({ t: 'hello', v: 1 });
  for (let r = 0; r < 4; r++) eager.say({ t: 'auth', r, token: 'x'.repeat(20_000) });
  expect(eager.code).toBe(closeCodes.tooMany.code);
  const { socket: many } = accepted(slowly());
  many.say({ t: 'hello', v: 1 });
  for (let count = 0; count < 258; count++) many.say({ t: 'ping' });
  expect(many.code).toBe(closeCodes.tooMany.code);
});

it('HF-CONN-7: a client that follows as many sessions as it may says so at once', async () => {
  const { authorize, admit } = slowly();
  const { socket } = accepted({ authorize });
  socket.say({ t: 'hello', v: 1 });
  const pos = `${'e'.repeat(22)}:1-1`;
  for (let r = 0; r < 64; r++) socket.say({ t: 'sub', r, s: `${r}`.padStart(128, 's'), pos });
  await admit();
  await vi.waitFor(() => expect(socket.frames.filter(({ t }) => t === 'live')).toHaveLength(64));
  expect(socket.code).toBe(null);
});

it('HF-CONN-6: the time that `authorize` takes is not the client’s silence, and has a bound', async () => {
  vi.useFakeTimers();
  let admit = (_: { id: string }) => {};
  const authorize = () =>
    new Promise<{ id: string }>((resolve) => {
      admit = resolve;
    });
  const { holdfast, socket } = accepted({ authorize });
  socket.say({ t: 'hello', v: 1 });
  await vi.advanceTimersByTimeAsync(20_000);
  expect(socket.code).toBe(null);
  admit({ id: 'u' });
  await vi.advanceTimersByTimeAsync(0);
  expect(socket.frames).toMatchObject([{ t: 'welcome' }]);
  const endless = fakeSocket();
  holdfast.accept(endless, request());
  endless.say({ t: 'hello', v: 1 });
  await vi.advanceTimersByTimeAsync(30_000);
  expect(endless.code).toBe(closeCodes.internal.code);
  const silent = fakeSocket();
  holdfast.accept(silent, request());
  await vi.advanceTimersByTimeAsync(6_000);
  expect(silent.code).toBe(closeCodes.helloTimeout.code);
});

it('HF-CONN-6: a request whose `authorize` does not end is answered', async () => {
  await using server = await startServer({
    authorize: () => new Promise(() => {}),
    limits: { authorizeMs: 1 },
  });
  expect((await fetch(`${server.api}/s1`)).status).toBe(500);
});

it('HF-CONN-9: a socket of another host meets the same limits', () => {
  const { holdfast, socket } = accepted({ limits: { connections: 2, frameBytes: 1_000 } });
  socket.say(JSON.stringify({ t: 'hello', v: 1, token: 'é'.repeat(490) }));
  expect(socket.code).toBe(closeCodes.tooBig.code);
  const binary = fakeSocket();
  holdfast.accept(binary, request());
  binary.say(null);
  expect(binary.code).toBe(closeCodes.badFrame.code);
  // Both are closing, and neither is gone.
  const third = fakeSocket();
  holdfast.accept(third, request());
  expect(third.code).toBe(closeCodes.overloaded.code);
  for (const each of [socket, binary, third]) each.vanish();
  const fourth = fakeSocket();
  holdfast.accept(fourth, request());
  expect(fourth.code).toBe(null);
  expect(holdfast.connections).toBe(1);
});

it('HF-CONN-9, HF-STK-2: so does one of a stock client, of whom nobody has asked who it is', () => {
  const { holdfast } = accepted({ limits: { frameBytes: 1_000 } });
  const stock = Object.assign(fakeSocket(), { protocol: '' });
  holdfast.accept(stock, request());
  stock.say({ type: 'abort', requestId: 'r', pad: 'x'.repeat(1_000) });
  expect(stock.code).toBe(closeCodes.tooBig.code);
});

it('HF-CONN-9: a socket that throws at everything ends nothing', async () => {
  const errors: unknown[] = [];
  const { holdfast } = accepted({ onError: (error) => errors.push(error) });
  const broken = fakeSocket();
  const fail = () => {
    throw new Error('broken');
  };
  holdfast.accept(
    { ...broken, onMessage: fail, onClose: fail, send: fail, close: fail },
    request(),
  );
  const half = fakeSocket();
  holdfast.accept({ ...half, onMessage: half.onMessage, send: fail, close: fail }, request());
  half.say({ t: 'hello', v: 1 });
  half.say({ t: 'ping' });
  half.say('no frame');
  await vi.waitFor(() => expect(errors.length).toBeGreaterThan(1));
  await holdfast.close({ drainMs: 1, runsMs: 0 });
});
