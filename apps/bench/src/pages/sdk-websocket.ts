import { WebSocketChatTransport } from 'ai';
import { WebSocket } from 'ws';
import { type OpenPage, sendArguments } from './page.ts';

type Constructor = NonNullable<
  ConstructorParameters<typeof WebSocketChatTransport>[0]['webSocket']
>;

/** The AI SDK's own client for sockets. */
export const openSdkWebSocketPage: OpenPage = (origin, chatId) => {
  const sockets: WebSocket[] = [];
  class OwnSocket extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols, { perMessageDeflate: false });
      sockets.push(this);
    }
  }
  // Its handlers are declared for events of the browser's types.
  const webSocket = OwnSocket as unknown as Constructor;
  const transport = new WebSocketChatTransport({ url: origin, webSocket });
  return {
    open: () => transport.reconnectToStream({ chatId }),
    send: (schedule) => transport.sendMessages(sendArguments(chatId, schedule)),
    stop: null,
    frames: null,
    close: () => {
      for (const socket of sockets) socket.terminate();
    },
  };
};
