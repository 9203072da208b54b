import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { FrameSlabs, textAt } from '../../src/session/frame-slabs.ts';
import { framed } from '../../src/session/framed.ts';

/** What a client reads of frames that a server wrote behind the handshake. */
async function read(texts: readonly Uint8Array[]): Promise<readonly string[]> {
  const { createHash } = await import('node:crypto');
  const server = createServer((socket) => {
    socket.once('data', (data) => {
      const key = /sec-websocket-key: (.+)\r\n/i.exec(String(data))?.[1] ?? '';
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept.digest('base64')}\r\n\r\n`,
      );
      for (const text of texts) socket.write(framed(text));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as { port: number }).port}`);
  const got: string[] = [];
  await new Promise<void>((resolve, reject) => {
    client.on('error', reject);
    client.on('message', (data, isBinary) => {
      got.push(`${isBinary ? 'binary ' : ''}${data}`);
      if (got.length === texts.length) resolve();
    });
  });
  client.terminate();
  server.close();
  return got;
}

it('makes text frames of every length that a client reads as they are', async () => {
  const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000];
  const texts = lengths.map((length) => 'é'.repeat(length / 2) + 'x'.repeat(length % 2));
  expect(await read(texts.map((text) => Buffer.from(text)))).toEqual(texts);
});

it('makes the frame of one array once', () => {
  const text = Buffer.from('once');
  expect(framed(text)).toBe(framed(text));
  expect(framed(Buffer.from('once'))).not.toBe(framed(text));
});

it('a text that was made in its frame is the same text, and its frame the same frame', () => {
  const slabs = new FrameSlabs();
  const lengths = [0, 125, 126, 65_535, 65_536, 5_000, 3_000, 3_000, 3_000, 3_000, 3_000, 3_000];
  const made = lengths.map((length) => {
    const text = 'é'.repeat(Math.floor(length / 2)) + 'x'.repeat(length % 2);
    const place = slabs.place(length);
    place.slab.write(text, place.textAt);
    return { text, encoded: textAt(place) };
  });
  // Looked at when all are there: none is written over another.
  for (const { text, encoded } of made) {
    expect(encoded).toEqual(Buffer.from(text));
    expect(framed(encoded)).toEqual(framed(Buffer.from(text)));
    expect(framed(encoded).buffer).toBe(encoded.buffer);
  }
});

it('slabs are small for few frames, and few for many', () => {
  const slabs = new FrameSlabs();
  const used = Array.from({ length: 1_000 }, () => slabs.place(200).slab);
  expect(used[0]?.length).toBeLessThanOrEqual(1_024);
  expect(new Set(used).size).toBeLessThan(20);
  slabs.clear();
  expect(slabs.place(200).slab.length).toBeLessThanOrEqual(1_024);
});
