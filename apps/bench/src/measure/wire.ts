import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

const sockets = new Set<Socket>();
let closedBytes = 0;

// Sees every connection of the process, whoever opens it: fetch, ws, http.
subscribe('net.client.socket', (message) => {
  const { socket } = message as { socket: Socket };
  sockets.add(socket);
  socket.once('close', () => {
    sockets.delete(socket);
    closedBytes += socket.bytesRead;
  });
});

/** Bytes that this process has read from all its TCP connections, with every header. */
export const bytesRead = (): number =>
  [...sockets].reduce((total, socket) => total + socket.bytesRead, closedBytes);
