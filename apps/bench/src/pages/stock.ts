import { DefaultChatTransport } from 'ai';
import { type OpenPage, type Page, sendArguments } from './page.ts';

function stockPage(origin: string, chatId: string, resumes: boolean): Page {
  const gone = new AbortController();
  const transport = new DefaultChatTransport({
    api: `${origin}/api/chat`,
    // One signal for all that the page does, as when it is closed.
    fetch: (input, init) => fetch(input, { ...init, signal: gone.signal }),
  });
  return {
    open: async () => (resumes ? await transport.reconnectToStream({ chatId }) : null),
    send: (schedule) => transport.sendMessages(sendArguments(chatId, schedule)),
    stop: null,
    frames: null,
    close: () => gone.abort(),
  };
}

/** The AI SDK's own client, with `resume: true`. */
export const openStockPage: OpenPage = (origin, chatId) => stockPage(origin, chatId, true);

/** The same without `resume`: there is nothing to resume from. */
export const openPlainPage: OpenPage = (origin, chatId) => stockPage(origin, chatId, false);
