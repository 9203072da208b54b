import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { type TestServer, userMessage } from './server.ts';

type Frame = { readonly type: string; readonly requestId: string; readonly errorText?: string };

interface RawSocket {
  readonly socket: WebSocket;
  readonly frames: readonly Frame[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** Says a frame, or a text as it is. */
  say(frame: unknown): void;
}

/** A socket without a subprotocol, by hand. */
export async function raw(
  { origin }: TestServer,
  headers: Record<string, string> = {},
): Promise<RawSocket> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/holdfast`, { headers });
  onTestFinished(() => socket.terminate());
  const frames: Frame[] = [];
  socket.on('message', (data) => frames.push(JSON.parse(data.toString()) as Frame));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  await new Promise((resolve) => socket.once('open', resolve));
  const say = (frame: unknown) =>
    socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  return { socket, frames, closed, say };
}

/** A send of a stock client, as its frame has it. */
export const sendFrame = (
  requestId: string,
  id: string,
  more: object = {},
): Record<string, unknown> => ({
  type: 'send',
  requestId,
  id,
  trigger: 'submit-message',
  messages: [userMessage(`m-${requestId}`, 'Hi')],
  headers: {},
  body: {},
  ...more,
});
