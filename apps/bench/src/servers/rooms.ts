import { randomInt } from 'node:crypto';
import { encodeFrame } from '@holdfast/protocol';
import type { WebSocket } from 'ws';
import { answer, type Schedule, scheduleOf } from '../schedule.ts';

/** Sockets by the name of what they follow; whatever is said in a room goes to all who are in it. */
export interface Rooms {
  /** Until it closes. A message of any of them asks for an answer. */
  enter(name: string, socket: WebSocket): void;
}

export function createRooms(): Rooms {
  const rooms = new Map<string, Set<WebSocket>>();
  return {
    enter: (name, socket) => {
      const room = rooms.get(name) ?? new Set();
      rooms.set(name, room.add(socket));
      socket.on('message', (data) => broadcast(room, name, scheduleOf(JSON.parse(String(data)))));
      socket.on('close', () => {
        room.delete(socket);
        if (room.size === 0) rooms.delete(name);
      });
    },
  };
}

const nonce = (): number => randomInt(1, 2 ** 31 - 1);

/**
 * The frames are those that Holdfast would send, to the byte, so that only what happens around them
 * differs. Each is encoded once. Sockets that lag are not waited for: the answer is short.
 */
async function broadcast(
  room: ReadonlySet<WebSocket>,
  session: string,
  schedule: Schedule,
): Promise<void> {
  const run = nonce().toString(36).padStart(22, '0');
  // A session has two entries before the first chunks: the message and the start of the run.
  let p = `2-${nonce()}`;
  let seq = 2;
  for await (const chunk of answer(schedule)) {
    const i = `${++seq}-${nonce()}`;
    const d = { k: 'chunks', run, attempt: 1, c: [chunk] } as const;
    const frame = Buffer.from(encodeFrame({ t: 'entry', s: session, p, i, d }));
    for (const socket of room) socket.send(frame, { binary: false });
    p = i;
  }
}
