import { createChatTransport, createClientSession } from '@ably/ai-transport/vercel';
import { Realtime } from 'ably';

type Session = ReturnType<typeof createClientSession>;

interface Connected {
  /** For `useChat({ id, transport })`. */
  readonly transport: ReturnType<typeof createChatTransport>;
  /** What `useMessageSync({ setMessages })` shows of others. */
  readonly view: Session['view'];
  /** What the Stop button calls. */
  readonly stop: () => Promise<void>;
  /** When the page is left. */
  readonly close: () => Promise<void>;
}

export async function connect(origin: string, id: string): Promise<Connected> {
  const client = new Realtime({ authUrl: `${origin}/api/auth/token`, clientId: 'ann' });
  const session = createClientSession({ client, channelName: `conversations:${id}` });
  await session.connect();
  const { view } = session;
  return {
    transport: createChatTransport(session, { api: `${origin}/api/chat` }),
    view,
    stop: async () => {
      const live = view.runs().find(({ status }) => status === 'active');
      if (live) await session.cancel(live.runId);
    },
    close: async () => {
      await session.close();
      client.close();
    },
  };
}
