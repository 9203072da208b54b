import { createChatTransport } from '@holdfast/client';
import { WebSocket } from 'ws';
import { type OpenPage, sendArguments } from './page.ts';

/** Holdfast's own client, with the hold on its session that `useSession` takes. */
export const openHoldfastPage: OpenPage = (origin, chatId) => {
  let frames = 0;
  class CountingSocket extends WebSocket {
    constructor(url: string, protocols: string[]) {
      // The same socket as on the side `ws`, so that the two compare.
      super(url, protocols, { perMessageDeflate: false });
      this.on('message', () => {
        frames++;
      });
    }
  }
  const transport = createChatTransport({
    api: `${origin}/api/chat`,
    WebSocket: CountingSocket,
    onError: (error) => console.error('holdfast client:', error),
  });
  transport.hold(chatId);
  return {
    open: () => transport.reconnectToStream({ chatId }),
    send: (schedule) => transport.sendMessages(sendArguments(chatId, schedule)),
    stop: () => transport.cancel(chatId),
    get frames() {
      return frames;
    },
    close: () => transport.close(),
  };
};

/** The same client where no socket opens: requests to the route carry it. */
export const openHttpPage: OpenPage = (origin, chatId) => {
  const transport = createChatTransport({
    api: `${origin}/api/chat`,
    carrier: 'http',
    onError: (error) => console.error('holdfast client:', error),
  });
  transport.hold(chatId);
  return {
    open: () => transport.reconnectToStream({ chatId }),
    send: (schedule) => transport.sendMessages(sendArguments(chatId, schedule)),
    stop: () => transport.cancel(chatId),
    frames: null,
    close: () => transport.close(),
  };
};
