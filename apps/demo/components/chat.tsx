'use client';

import { useChat } from '@ai-sdk/react';
import { useSession } from '@holdfast/client/react';
import {
  lastAssistantMessageIsCompleteWithApprovalResponses,
  lastAssistantMessageIsCompleteWithToolCalls,
} from 'ai';
import { useCallback, useEffect, useState } from 'react';
import type { History } from '../lib/history.ts';
import { textOf } from '../lib/message-text.ts';
import { recentChats } from '../lib/recent-chats.ts';
import type { ChatMessage } from '../lib/tools.ts';
import type { AuthorOf } from '../lib/writers.ts';
import { ChatHeader } from './chat-header.tsx';
import { clientTools } from './client-tools.ts';
import { type Addressee, Composer, type WhileBusy } from './composer.tsx';
import { ErrorNotice } from './error-notice.tsx';
import { Handoff } from './handoff.tsx';
import { Messages } from './messages.tsx';
import { OlderButton } from './older-button.tsx';
import { Outbox } from './outbox.tsx';
import { Queue } from './queue.tsx';
import { StatusLine } from './status-line.tsx';
import { WaitingSteers } from './steers.tsx';
import { StickToBottom } from './stick-to-bottom.tsx';
import type { Decide } from './tool-card.tsx';
import { useConnected } from './transport-provider.tsx';
import { Welcome } from './welcome.tsx';

/** A message whose calls are all answered goes on. */
const isAnswered = (chat: { messages: ChatMessage[] }): boolean =>
  lastAssistantMessageIsCompleteWithToolCalls(chat) ||
  lastAssistantMessageIsCompleteWithApprovalResponses(chat);

interface Props {
  readonly id: string;
  /** The newest page, as the server rendered it. */
  readonly history: History;
}

/** How often the page is painted while an answer streams, in ms; a word comes every 30 ms. */
const paintMs = 30;

export function Chat({ id, history }: Props) {
  const { transport, visitor, isOperator } = useConnected();
  const chat = useChat<ChatMessage>({
    id,
    transport,
    messages: history.messages,
    throttle: paintMs,
    sendAutomaticallyWhen: isAnswered,
  });
  const session = useSession(chat, transport, { tools: clientTools });
  const { messages, status, error, sendMessage, regenerate, clearError } = chat;
  const { addToolApprovalResponse } = chat;
  // Not the chat's own `stop`, which ends the stream at once: so the page and the log agree on
  // where the answer ends.
  const { stop, setTyping, post } = session;
  const steers = session.runs
    .flatMap((run) => run.steers ?? [])
    .filter(({ state }) => state === 'waiting');
  const queue = session.queue.filter(({ id }) => steers.every((steer) => steer.id !== id));
  const live = new Set(
    session.runs.filter((run) => run.state === 'running').map((run) => run.messageId),
  );
  const busy = status === 'submitted' || status === 'streaming' || live.size > 0;
  const others = session.participants.filter((participant) => participant.id !== visitor.id);

  const { authors } = history;
  // The page was painted before the session told.
  const authorOf: AuthorOf = (message) => session.authorOf(message) ?? authors[message];

  const answering = session.participants.find(({ id: who }) => who === session.operator?.id);

  const first = messages.find((message) => message.role === 'user');
  const title = first ? textOf(first).slice(0, 80) : 'New chat';
  const known = first !== undefined;
  useEffect(() => {
    if (known) recentChats.remember({ id, title });
  }, [known, id, title]);

  const [to, setTo] = useState<Addressee>('agent');
  const send = useCallback(
    (text: string) => void (to === 'people' ? post(text) : sendMessage({ text }, { body: { to } })),
    [sendMessage, post, to],
  );
  // A note waits for nobody.
  const agent = to === 'people' ? {} : { to };
  const sendWhileBusy = (text: string, whileBusy: WhileBusy) =>
    void sendMessage({ text }, { body: { whileBusy, ...agent } });
  const decide = useCallback<Decide>(
    (answer) => void addToolApprovalResponse(answer),
    [addToolApprovalResponse],
  );
  const unsent = session.pending.filter(
    ({ state }) => state === 'waiting' || session.connection !== 'online',
  );
  const again = useCallback(
    (messageId?: string) => void regenerate(messageId === undefined ? {} : { messageId }),
    [regenerate],
  );
  const edit = useCallback(
    (messageId: string, text: string) => void sendMessage({ text, messageId }),
    [sendMessage],
  );

  // What the model does not get to is asked as a message of its own, whether this page is there or not.
  const steer = (text: string) => void session.steer(text, { otherwise: 'queue' });

  return (
    <main className="flex min-w-0 flex-1 flex-col">
      <ChatHeader id={id} title={title} connection={session.connection} others={others} />
      <StickToBottom
        asked={messages.findLast(({ role }) => role === 'user')?.id}
        first={messages[0]?.id}
      >
        {session.hasOlder && (
          <OlderButton busy={session.isLoadingOlder} onClick={() => session.loadOlder()} />
        )}
        {messages.length === 0 ? (
          <Welcome onChoose={send} />
        ) : (
          <Messages
            messages={messages}
            authorOf={authorOf}
            visitor={visitor.id}
            live={live}
            busy={busy}
            onEdit={edit}
            onRegenerate={again}
            onDecide={decide}
          />
        )}
      </StickToBottom>
      <div className="mx-auto w-full max-w-3xl space-y-1.5 px-4 pb-3">
        {error && (
          <ErrorNotice message={error.message} onRetry={() => again()} onDismiss={clearError} />
        )}
        <StatusLine
          status={status}
          connection={session.connection}
          stopped={session.runs.at(-1)?.state === 'stopped'}
          typing={others.filter(({ state }) => state === 'typing').map(nameOf)}
        />
        <Handoff
          operator={session.operator}
          name={answering ? nameOf(answering) : 'An operator'}
          isOperator={isOperator}
          onHandOff={session.handOff}
        />
        <WaitingSteers steers={steers} />
        <Outbox pending={unsent} onWithdraw={session.withdraw} />
        <Queue queue={queue} onArrange={session.arrange} />
        <Composer
          to={to}
          onAddress={setTo}
          busy={busy}
          onSend={send}
          onSteer={steer}
          onSendWhileBusy={sendWhileBusy}
          onQueue={(text) => void session.enqueue(text, agent)}
          onStop={() => void stop()}
          onTyping={setTyping}
        />
      </div>
    </main>
  );
}

const nameOf = ({
  id,
  info,
}: {
  readonly id: string;
  readonly info?: { readonly name?: unknown };
}) => (typeof info?.name === 'string' ? info.name : id);
