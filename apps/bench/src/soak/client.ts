import { createChatTransport, type HoldfastChatTransport } from '@holdfast/client';
import type { UIMessage } from 'ai';
import { WebSocket } from 'ws';
import { follow } from '../measure/follow.ts';
import { newMessage, sendArguments } from '../pages/page.ts';
import { checkWords, textOf, tokenLength } from '../tokens.ts';

/** What a client tells of itself. */
interface Told {
  onWords(count: number): void;
  onAnswer(): void;
  onWrong(reason: string): void;
}

interface ClientOptions extends Told {
  readonly origin: string;
  readonly chatId: string;
  /** Of each answer. */
  readonly words: number;
  readonly perSecond: number;
}

/** One open page: follows its session, reads every answer that is written in it, and checks each word. */
export interface Client {
  readonly isLive: boolean;
  /** Resolves when the answer to it was seen whole, on this page. */
  send(): Promise<void>;
  /** Breaks its socket. */
  cut(): void;
  /** Resolves once it reads nothing any more. */
  settled(): Promise<void>;
  close(): void;
}

export function openClient(options: ClientOptions): Client {
  const { origin, chatId, words, perSecond, onWords, onAnswer, onWrong } = options;
  const sockets = new Set<WebSocket>();
  class CutSocket extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols, { perMessageDeflate: false });
      sockets.add(this);
      this.on('close', () => sockets.delete(this));
    }
  }
  const transport: HoldfastChatTransport = createChatTransport({
    api: `${origin}/api/chat`,
    WebSocket: CutSocket,
    onError: (error) => onWrong(`a client reported: ${error}`),
  });
  const session = transport.session(chatId);
  const reading = new Map<string, Promise<void>>();
  const release = transport.hold(chatId);
  let isClosed = false;

  /** Resolves with the id of the answer, null where there is none. */
  async function read(stream: ReadableStream | null): Promise<string | null> {
    if (!stream) return null;
    let length = 0;
    let id: string | null = null;
    const onText = (text: string) => {
      checkWords(text, length);
      length += text.length;
      onWords(text.length / tokenLength);
      return undefined;
    };
    await follow(stream, onText, (messageId) => {
      id = messageId ?? null;
    });
    if (length !== words * tokenLength)
      throw new Error(`an answer ended after ${length / tokenLength} of ${words} words`);
    onAnswer();
    return id;
  }

  function track(run: string, act: () => Promise<unknown>): Promise<void> {
    const done = act()
      .then(() => {})
      .catch((error: unknown) => {
        if (!isClosed) onWrong(`${chatId}: ${error instanceof Error ? error.message : error}`);
      })
      .finally(() => reading.delete(run));
    reading.set(run, done);
    return done;
  }

  /** What the page shows, of its own sends, and hands over with the next one. */
  const shown: UIMessage[] = [];
  /** Runs of answers to this page's own sends are read by who sent. */
  let isSending = false;
  const seen = new Set<string>();
  const look = (): void => {
    for (const { run, state } of session.runs) {
      if (isSending || state !== 'running' || seen.has(run)) continue;
      seen.add(run);
      void track(run, async () => read(await transport.reconnectToStream({ chatId })));
    }
  };
  const unwatch = session.subscribe(look);

  return {
    get isLive() {
      return session.isLive;
    },
    send: async () => {
      isSending = true;
      try {
        const schedule = { kind: 'spoken', perSecond, count: words } as const;
        shown.push(newMessage());
        await track(`send ${shown.length}`, async () => {
          const answer = await transport.sendMessages(sendArguments(chatId, schedule, [...shown]));
          const id = await read(answer);
          if (id === null) throw new Error('an answer has no id');
          shown.push({ id, role: 'assistant', parts: [{ type: 'text', text: textOf(words) }] });
        });
        for (const { run } of session.runs) seen.add(run);
      } finally {
        isSending = false;
      }
    },
    cut: () => {
      for (const socket of sockets) socket.terminate();
    },
    settled: async () => {
      while (reading.size > 0) await Promise.all(reading.values());
    },
    close: () => {
      isClosed = true;
      unwatch();
      release();
      transport.close();
    },
  };
}
