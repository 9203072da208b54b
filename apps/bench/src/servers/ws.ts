import { createServer, type Server } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { answer, scheduleOf } from '../schedule.ts';
import { createRooms } from './rooms.ts';

const fullBytes = 262_144;

/** Sends, and waits until it has left, so that a fast agent does not fill the memory. */
const drained = (socket: WebSocket, text: string): Promise<void> =>
  new Promise((resolve) => socket.send(text, () => resolve()));

/**
 * Bare sockets: every chunk is one text frame, and nothing is kept. The limit of what is possible.
 * Those that name a room follow what is said there; the others get an answer each.
 */
export function serveWs(): Server {
  const server = createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  const rooms = createRooms();
  sockets.on('connection', (socket, request) => {
    const room = /^\/rooms\/(.+)$/.exec(request.url ?? '')?.[1];
    if (room !== undefined) {
      rooms.enter(room, socket);
      return;
    }
    socket.on('message', async (data) => {
      for await (const chunk of answer(scheduleOf(JSON.parse(String(data))))) {
        if (socket.readyState !== socket.OPEN) return;
        const text = JSON.stringify(chunk);
        if (socket.bufferedAmount < fullBytes) socket.send(text);
        else await drained(socket, text);
      }
    });
  });
  return server;
}
