'use client';

import { useChat } from '@ai-sdk/react';
import {
  lastAssistantMessageIsCompleteWithApprovalResponses,
  lastAssistantMessageIsCompleteWithToolCalls,
} from 'ai';
import { useCallback, useMemo, useState } from 'react';
import { telling } from '../lib/attempt.ts';
import type { History } from '../lib/history.ts';
import { isAway } from '../lib/link.ts';
import { textOf } from '../lib/message-text.ts';
import { isSamePerson } from '../lib/operator-id.ts';
import { isUnderWay } from '../lib/run-now.ts';
import { wayOf } from '../lib/status-words.ts';
import type { ChatMessage } from '../lib/tools.ts';
import type { Addressee } from './addressee-select.tsx';
import { ChatFoot } from './chat-foot.tsx';
import { ChatHeader } from './chat-header.tsx';
import { Deleted } from './deleted.tsx';
import { Messages } from './messages.tsx';
import { OlderButton } from './older-button.tsx';
import { StickToBottom } from './stick-to-bottom.tsx';
import type { Decide } from './tool-card.tsx';
import { useConnected } from './transport-provider.tsx';
import { useActs } from './use-acts.ts';
import { useDeleted } from './use-deleted.ts';
import { useFollowed } from './use-followed.ts';
import { useHanded } from './use-handed.ts';
import { useKeptFocus } from './use-kept-focus.ts';
import { useRefusals } from './use-refusals.ts';
import { useStanding } from './use-standing.ts';
import { useStopping } from './use-stopping.ts';
import { useTitle } from './use-title.ts';
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
  const refusals = useRefusals(id);
  const { refused } = refusals;
  const chat = useChat<ChatMessage>({
    id,
    transport: useMemo(() => telling(transport, refused), [transport, refused]),
    messages: history.messages,
    throttle: paintMs,
    sendAutomaticallyWhen: isAnswered,
  });
  const { session, authorOf } = useFollowed(chat, history);
  const [to, setTo] = useState<Addressee>('agent');
  const { isStopping, stopAll } = useStopping(session);
  const standing = useStanding({ id, chat, session, isStopping });
  const { link, run, outbox, messages, live, endings } = standing;
  const way = wayOf(link, run, outbox);
  const { handed, hand } = useHanded(session.isSynced);
  const acts = useActs({ chat, session, to, way, refusals, stopAll, hand });

  const others = othersIn(session.participants, visitor.id, isOperator);
  const isWhole = session.isSynced ? !session.hasOlder : history.title === null;
  const isDeleted = useDeleted(id);
  const named = history.title;
  const title = useTitle({ id, messages, isWhole, named, isDeleted, isOperator });

  const { addToolApprovalResponse } = chat;
  const decide = useCallback<Decide>(
    (answer) => void addToolApprovalResponse(answer),
    [addToolApprovalResponse],
  );
  useKeptFocus();
  const busy = isUnderWay(run);
  const isEmpty = chat.messages.length === 0;

  return (
    <main className="flex min-w-0 flex-1 flex-col">
      <ChatHeader
        id={id}
        title={title}
        session={session}
        answer={answerOf(chat.messages)}
        link={link}
        isOperator={isOperator}
        others={others}
      />
      <StickToBottom
        asked={messages.findLast(({ role }) => role === 'user')?.id}
        first={messages[0]?.id}
      >
        <OlderButton session={session} />
        {isEmpty && isDeleted && <Deleted />}
        {isEmpty && !isDeleted && <Welcome onChoose={acts.say} />}
        {!isEmpty && (
          <Messages
            chat={id}
            messages={messages}
            authorOf={authorOf}
            visitor={visitor.id}
            live={live}
            endings={endings}
            busy={busy}
            newest={chat.messages.at(-1)?.id}
            isWaiting={busy && !isAway(link) && outbox === 'empty'}
            cut={session.cut}
            onLoadWhole={session.loadWhole}
            onEdit={acts.edit}
            onRegenerate={acts.answerAgain}
            onContinue={refusals.refusal || chat.error ? undefined : acts.goOn}
            onDecide={decide}
          />
        )}
      </StickToBottom>
      <ChatFoot
        id={id}
        chat={chat}
        session={session}
        standing={standing}
        acts={acts}
        handed={handed}
        refusals={refusals}
        to={to}
        onAddress={setTo}
        way={way}
      />
    </main>
  );
}

/** What was written last. */
function answerOf(messages: readonly ChatMessage[]): string {
  const last = messages.at(-1);
  return last?.role === 'assistant' ? textOf(last) : '';
}

/** Who else is here. An operator is not told of the page that she has open as a visitor. */
const othersIn = <P extends { readonly id: string }>(
  participants: readonly P[],
  own: string,
  isOperator: boolean,
): readonly P[] =>
  participants.filter(({ id }) => (isOperator ? !isSamePerson(id, own) : id !== own));
