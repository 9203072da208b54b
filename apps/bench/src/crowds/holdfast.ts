import type { SendRequest } from '@holdfast/protocol';
import type { WebSocket } from 'ws';
import { followSession, isEntry, openGatewaySocket, typeOf } from '../gateway-socket.ts';
import type { Schedule } from '../schedule.ts';
import { createAcknowledgements } from './acknowledgements.ts';
import type { OpenCrowd } from './crowd.ts';

/** Sockets that follow one session, acknowledge, and read nothing else of what they get. */
export const openHoldfastCrowd: OpenCrowd = (origin, chatId, { onEntry, onFault }) => {
  const sockets: WebSocket[] = [];
  const acknowledgements = createAcknowledgements(chatId);
  return {
    join: (follower) => {
      const socket = openGatewaySocket(origin);
      const number = sockets.push(socket) - 1;
      acknowledgements.add(socket);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const fail = (reason: string) => {
        const error = new Error(`a follower of the session ${reason}`);
        onFault(error);
        reject(error);
      };
      socket.on('open', () => followSession(socket, chatId));
      socket.on('error', (error) => fail(error.message));
      socket.on('message', (frame: Buffer) => {
        if (isEntry(frame)) {
          acknowledgements.received(number, frame);
          onEntry(follower, frame);
          return;
        }
        const type = typeOf(frame);
        if (type === 'live') resolve();
        else if (type === 'reset' || type === 'res') fail(`got ${frame}`);
      });
      return promise;
    },
    speak: (schedule) => send(origin, chatId, schedule),
    close: () => {
      acknowledgements.stop();
      for (const socket of sockets) socket.terminate();
    },
  };
};

async function send(origin: string, chatId: string, schedule: Schedule): Promise<void> {
  const id = `m${process.pid}-crowd`;
  const body: SendRequest = {
    id: chatId,
    command: id,
    trigger: 'submit-message',
    message: { id, role: 'user', parts: [{ type: 'text', text: 'Tell us a story.' }] },
    body: { schedule },
  };
  const response = await fetch(`${origin}/api/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`the send was refused: ${await response.text()}`);
}
