import { createServer, type Server } from 'node:http';
import { safeValidateWebSocketChatTransportRequest, type UIMessageChunk } from 'ai';
import { type WebSocket, WebSocketServer } from 'ws';
import { answer, scheduleOf } from '../schedule.ts';

const fullBytes = 262_144;

/**
 * The frames of the AI SDK's `WebSocketChatTransport`, by a server that validates requests as its page
 * says. It keeps each answer's chunks in this process, so that a page can resume while it lives.
 */
export function serveSdkWebSocket(): Server {
  const server = createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  const answers = new Map<string, Kept>();
  sockets.on('connection', (socket) => {
    socket.on('message', async (data) => {
      const asked = await safeValidateWebSocketChatTransportRequest({
        value: JSON.parse(String(data)),
      });
      if (!asked.success) return socket.close(1008);
      const { type, requestId } = asked.data;
      if (type === 'abort') return;
      if (type === 'send') answers.set(asked.data.id, keep(answer(scheduleOf(asked.data.body))));
      const kept = answers.get(asked.data.id);
      if (kept) await replay(socket, requestId, kept);
      else socket.send(JSON.stringify({ type: 'no-active', requestId }));
    });
  });
  return server;
}

/** An answer's chunks so far, and what resolves with the next. */
interface Kept {
  readonly chunks: UIMessageChunk[];
  ended: boolean;
  next: PromiseWithResolvers<void>;
}

function keep(stream: ReadableStream<UIMessageChunk>): Kept {
  const kept: Kept = { chunks: [], ended: false, next: Promise.withResolvers() };
  const tell = () => {
    kept.next.resolve();
    kept.next = Promise.withResolvers();
  };
  void (async () => {
    for await (const chunk of stream) {
      kept.chunks.push(chunk);
      tell();
    }
    kept.ended = true;
    tell();
  })();
  return kept;
}

async function replay(socket: WebSocket, requestId: string, kept: Kept): Promise<void> {
  socket.send(JSON.stringify({ type: 'start', requestId }));
  for (let sequence = 0; ; ) {
    for (; sequence < kept.chunks.length; sequence++) {
      if (socket.readyState !== socket.OPEN) return;
      const chunk = kept.chunks[sequence];
      const text = JSON.stringify({ type: 'chunk', requestId, sequence, chunk });
      if (socket.bufferedAmount < fullBytes) socket.send(text);
      else await new Promise<void>((resolve) => socket.send(text, () => resolve()));
    }
    if (kept.ended) break;
    await kept.next.promise;
  }
  socket.send(JSON.stringify({ type: 'end', requestId }));
}
