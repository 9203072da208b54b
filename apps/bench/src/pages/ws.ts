import type { UIMessageChunk } from 'ai';
import { WebSocket } from 'ws';
import type { OpenPage } from './page.ts';

/** The least a client can do: parse each frame and hand it on. */
export const openWsPage: OpenPage = (origin) => {
  const socket = new WebSocket(origin.replace('http:', 'ws:'), { perMessageDeflate: false });
  let controller: ReadableStreamDefaultController<UIMessageChunk> | undefined;
  let frames = 0;
  socket.on('message', (data) => {
    frames++;
    const chunk = JSON.parse(String(data)) as UIMessageChunk;
    controller?.enqueue(chunk);
    if (chunk.type === 'finish') controller?.close();
  });
  const opened = new Promise<null>((resolve, reject) => {
    socket.on('open', () => resolve(null));
    socket.on('error', reject);
  });
  return {
    open: () => opened,
    send: async (schedule) => {
      const stream = new ReadableStream<UIMessageChunk>({
        start: (next) => {
          controller = next;
        },
      });
      socket.send(JSON.stringify({ schedule }));
      return stream;
    },
    stop: null,
    get frames() {
      return frames;
    },
    close: () => socket.terminate(),
  };
};
