import { WebSocket } from 'ws';
import type { OpenCrowd } from './crowd.ts';

/** Sockets in one room of the side `ws`, which sends frames like those of a session. */
export const openWsCrowd: OpenCrowd = (origin, chatId, { onEntry, onFault }) => {
  const sockets: WebSocket[] = [];
  return {
    join: (follower) => {
      const socket = new WebSocket(`${origin.replace('http:', 'ws:')}/rooms/${chatId}`, {
        perMessageDeflate: false,
        skipUTF8Validation: true,
      });
      sockets.push(socket);
      socket.on('message', (frame: Buffer) => onEntry(follower, frame));
      return new Promise((resolve, reject) => {
        socket.on('open', resolve);
        socket.on('error', (error) => {
          onFault(error);
          reject(error);
        });
      });
    },
    speak: async (schedule) => sockets[0]?.send(JSON.stringify({ schedule })),
    close: () => {
      for (const socket of sockets) socket.terminate();
    },
  };
};
