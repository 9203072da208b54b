import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { WsSocket } from '../../src/gateway/ws-socket.ts';

/** A socket of a real server, and its client. */
async function opened() {
  const server = createServer();
  const handshakes = new WebSocketServer<typeof WsSocket>({
    noServer: true,
    WebSocket: WsSocket,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: 1_000,
  });
  const reported: unknown[] = [];
  const made = new Promise<{ socket: WsSocket; stream: Duplex }>((resolve) => {
    server.on('upgrade', (request, stream, head) =>
      handshakes.handleUpgrade(request, stream, head, (socket) =>
        resolve({ socket: socket.over(stream, (error) => reported.push(error)), stream }),
      ),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const client = new WebSocket(`ws://127.0.0.1:${port}`);
  onTestFinished(() => {
    client.terminate();
    server.close();
  });
  const told: unknown[] = [];
  client.on('message', (data) => told.push(String(data)));
  await once(client, 'open');
  const heard: unknown[] = [];
  const listener = {
    received: (text: string | null): void => void heard.push(text),
    drained: (): void => void heard.push('drained'),
    gone: (): void => void heard.push('gone'),
  };
  const { socket, stream } = await made;
  socket.tell(listener);
  return { socket, stream, client, listener, heard, told, reported };
}

it('tells its listener of text, of what is none, and of its end', async () => {
  const { client, heard } = await opened();
  client.send('a');
  client.send(Buffer.from('b'), { binary: true });
  client.close();
  await vi.waitFor(() => expect(heard).toEqual(['a', null, 'gone']));
});

it('sends text, encoded or not, and several at once, in their order', async () => {
  const { socket, told } = await opened();
  socket.send('a');
  socket.send(Buffer.from('b'));
  socket.send([Buffer.from('c'), Buffer.from('d')]);
  await vi.waitFor(() => expect(told).toEqual(['a', 'b', 'c', 'd']));
});

it('says once that the network has taken what it was full of, each time', async () => {
  const { socket, stream, client, heard } = await opened();
  const large = Buffer.alloc(4_000_000, 'x');
  for (let time = 1; time <= 2; time++) {
    client.pause();
    socket.send(large);
    socket.send(large);
    expect(stream.listenerCount('drain')).toBe(1);
    expect(socket.bufferedAmount).toBeGreaterThan(0);
    client.resume();
    await vi.waitFor(() => expect(heard).toEqual(new Array(time).fill('drained')));
    expect(stream.listenerCount('drain')).toBe(0);
  }
});

it('reports what its listener throws, and goes on', async () => {
  const { client, listener, heard, reported } = await opened();
  const error = new Error('no');
  listener.received = () => {
    throw error;
  };
  client.send('a');
  await vi.waitFor(() => expect(reported).toEqual([error]));
  client.close();
  await vi.waitFor(() => expect(heard).toEqual(['gone']));
});

it('closes with its reason, and sends nothing behind that', async () => {
  const { socket, client, told, heard } = await opened();
  const closed = once(client, 'close');
  socket.shut(4_000, 'why');
  socket.send('late');
  expect((await closed).map(String)).toEqual(['4000', 'why']);
  await vi.waitFor(() => expect(heard).toEqual(['gone']));
  expect(told).toEqual([]);
});

it('a frame that is too large, and a connection that breaks, are an end and no fault', async () => {
  const large = await opened();
  large.client.send('x'.repeat(1_001));
  await vi.waitFor(() => expect(large.heard).toEqual(['gone']));
  const broken = await opened();
  (broken.stream as Socket).resetAndDestroy();
  await vi.waitFor(() => expect(broken.heard).toEqual(['gone']));
  expect([...large.reported, ...broken.reported]).toEqual([]);
});
