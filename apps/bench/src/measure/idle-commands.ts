import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { encodeFrame, version } from '@holdfast/protocol';
import type { WebSocket } from 'ws';
import { openGatewaySocket, typeOf } from '../gateway-socket.ts';
import type { Context } from './context.ts';

export interface IdleCommandsPlan {
  readonly sessions: number;
  /** Sessions that one socket follows. */
  readonly perSocket: number;
  /** A rest behind the opening: what is said and asked there is no cost of waiting. */
  readonly settleMs: number;
  readonly ms: number;
}

/** Commands that Redis gets in a second while many sessions are followed, as pages do, and nothing happens in them. */
export async function measureIdleCommands(
  { origin, meter }: Context,
  { sessions, perSocket, settleMs, ms }: IdleCommandsPlan,
): Promise<number> {
  if (!meter) throw new Error('this side has no Redis');
  const sockets: WebSocket[] = [];
  for (let left = sessions; left > 0; left -= perSocket)
    sockets.push(await followMany(origin, Math.min(left, perSocket)));
  await wait(settleMs);
  const stop = await meter.start();
  const begun = performance.now();
  await wait(ms);
  const { commands, publishes } = await stop();
  const seconds = (performance.now() - begun) / 1_000;
  for (const socket of sockets) socket.terminate();
  // Nothing is written meanwhile, so no script publishes.
  return (commands + publishes) / seconds;
}

async function followMany(origin: string, count: number): Promise<WebSocket> {
  const socket = openGatewaySocket(origin);
  await once(socket, 'open');
  let live = 0;
  const all = new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('a socket was closed')));
    socket.on('message', (frame: Buffer) => {
      const type = typeOf(frame);
      if (type === 'live' && ++live === count) resolve();
      // Who says nothing is taken for gone, and its sessions are left.
      if (type === 'ping') socket.send(encodeFrame({ t: 'pong' }));
      if (type === 'res') reject(new Error(`a socket got ${frame}`));
    });
  });
  socket.send(encodeFrame({ t: 'hello', v: version }));
  const sessions = Array.from({ length: count }, () => randomUUID());
  for (const [at, s] of sessions.entries()) socket.send(encodeFrame({ t: 'sub', r: at + 1, s }));
  await all;
  for (const s of sessions) socket.send(encodeFrame({ t: 'presence', s, state: 'here' }));
  return socket;
}
