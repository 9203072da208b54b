import { createChatTransport, createClientSession } from '@ably/ai-transport/vercel';
import { Realtime } from 'ably';
import type { ChatTransport, UIMessage } from 'ai';

interface Connected {
  /** For `useChat({ id, transport })`, and beside it `useMessageSync({ setMessages })`. */
  readonly transport: ChatTransport<UIMessage>;
  /** What the Stop button calls. */
  readonly stop: () => Promise<void>;
}

export async function connect(origin: string, id: string): Promise<Connected> {
  const client = new Realtime({ authUrl: `${origin}/api/auth/token`, clientId: 'ann' });
  const session = createClientSession({ client, channelName: `conversations:${id}` });
  await session.connect();
  return {
    transport: createChatTransport(session, { api: `${origin}/api/chat` }),
    stop: async () => {
      const live = session.view.runs().find(({ status }) => status === 'active');
      if (live) await session.cancel(live.runId);
    },
  };
}
