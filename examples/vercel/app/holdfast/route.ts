import { experimental_upgradeWebSocket as upgradeWebSocket } from '@vercel/functions';
import { holdfast } from '../../lib/holdfast.ts';
import { adapt } from './socket.ts';

export const maxDuration = 300;

export const GET = (request: Request): Promise<Response> =>
  upgradeWebSocket(
    (socket) =>
      // The function lives as long as its socket.
      new Promise<void>((closed) => {
        socket.once('close', () => closed());
        holdfast.accept(adapt(socket), request);
      }),
    { maxPayload: 65_536 },
  );
