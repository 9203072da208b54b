import type { Visit } from './cases.ts';
import type { Doors } from './doors.ts';
import { textFrame, Wire } from './wire.ts';

const requestText = (
  method: string,
  target: string,
  headers: readonly (readonly [string, string])[],
): string =>
  `${method} ${target} HTTP/1.1\r\n${headers.map((pair) => `${pair.join(': ')}\r\n`).join('')}\r\n`;

const plain = requestText('GET', '/api/chat/s1', [['Host', '127.0.0.1']]);

/**
 * Pays a visit. Resolves with what came of it when the server answered or closed; rejects when it
 * hangs, leaves the next request on a kept connection unanswered, or has ended.
 */
export async function pay(doors: Doors, visit: Visit): Promise<string> {
  const wire = new Wire(doors.ports[visit.door]);
  try {
    const outcome = await visitors[visit.kind](wire, visit as never);
    if (doors.exit !== null) throw new Error(`the server ended: ${doors.exit}`);
    return outcome;
  } finally {
    wire.destroy();
  }
}

type VisitOf<K extends Visit['kind']> = Extract<Visit, { kind: K }>;

const visitors: {
  readonly [K in Visit['kind']]: (wire: Wire, visit: VisitOf<K>) => Promise<string>;
} = {
  hurl: async (wire, { bytes }) => {
    wire.write(Buffer.from(bytes, 'latin1'));
    wire.end();
    await wire.closed();
    return 'closed';
  },
  request: async (wire, { method, target, headers, body }) => {
    const length = ['Content-Length', String(Buffer.byteLength(body))] as const;
    const all = body === '' ? headers : [...headers, length];
    wire.write(Buffer.from(requestText(method, target, all), 'latin1'));
    wire.write(body);
    const first = await wire.answer(method);
    if (first === null) return 'closed';
    if (first.status === 101 || /^content-type: text\/event-stream/im.test(first.head))
      return String(first.status);
    wire.write(plain);
    const second = await wire.answer();
    return `${first.status}, then ${second?.status ?? 'closed'}`;
  },
  socket: async (wire, { target, headers, frames }) => {
    wire.write(Buffer.from(requestText('GET', target, headers), 'latin1'));
    const answer = await wire.answer();
    if (answer?.status !== 101) return String(answer?.status ?? 'closed');
    for (const frame of frames) wire.write(frame);
    wire.write(textFrame('{"t":"ping"}'));
    // Every way ends: in a pong, or in a close by the server.
    for (;;) {
      const frame = await wire.frame();
      if (frame === null) return '101, then closed';
      if (frame.op === 8)
        return `101, then ${frame.payload.length > 1 ? frame.payload.readUInt16BE() : ''}`;
      if (frame.payload.toString() === '{"t":"pong"}') return '101, then pong';
    }
  },
};
