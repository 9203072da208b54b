'use client';

import { useChat } from '@ai-sdk/react';
import { useSession } from '@holdfast/client/react';
import {
  lastAssistantMessageIsCompleteWithApprovalResponses,
  lastAssistantMessageIsCompleteWithToolCalls,
} from 'ai';
import { useCallback, useMemo, useState } from 'react';
import { telling } from '../lib/attempt.ts';
import type { History } from '../lib/history.ts';
import { isAway } from '../lib/link.ts';
import { isUnderWay } from '../lib/run-now.ts';
import { canStop, statusWords, wayOf } from '../lib/status-words.ts';
import type { ChatMessage } from '../lib/tools.ts';
import type { AuthorOf } from '../lib/writers.ts';
import { ChatHeader } from './chat-header.tsx';
import { clientTools } from './client-tools.ts';
import { type Addressee, Composer } from './composer.tsx';
import { Deleted } from './deleted.tsx';
import { ErrorNotice } from './error-notice.tsx';
import { Handoff } from './handoff.tsx';
import { LostEdits } from './lost-edits.tsx';
import { Messages } from './messages.tsx';
import { OlderButton } from './older-button.tsx';
import { Outbox } from './outbox.tsx';
import { Queue } from './queue.tsx';
import { StatusLine } from './status-line.tsx';
import { WaitingSteers } from './steers.tsx';
import { StickToBottom } from './stick-to-bottom.tsx';
import type { Decide } from './tool-card.tsx';
import { useConnected } from './transport-provider.tsx';
import { useActs } from './use-acts.ts';
import { useDeleted } from './use-deleted.ts';
import { useRefusals } from './use-refusals.ts';
import { useStanding } from './use-standing.ts';
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
  const { refused, refusal } = refusals;
  const chat = useChat<ChatMessage>({
    id,
    transport: useMemo(() => telling(transport, refused), [transport, refused]),
    messages: history.messages,
    throttle: paintMs,
    sendAutomaticallyWhen: isAnswered,
  });
  const session = useSession(chat, transport, { tools: clientTools });
  const [to, setTo] = useState<Addressee>('agent');
  const [isStopping, setStopping] = useState(false);
  const standing = useStanding({ id, chat, session, isStopping });
  const { link, run, outbox, unsent, messages, live, endings } = standing;
  const way = wayOf(link, run, outbox);
  const acts = useActs({ chat, session, to, way, refusals, setStopping });

  const steers = session.runs
    .flatMap((each) => each.steers ?? [])
    .filter(({ state }) => state === 'waiting');
  const queue = session.queue.filter((each) => steers.every((steer) => steer.id !== each.id));
  const others = session.participants.filter((participant) => participant.id !== visitor.id);
  const answering = session.participants.find(({ id: who }) => who === session.operator?.id);
  // The page was painted before the session told.
  const authorOf: AuthorOf = (message) => session.authorOf(message) ?? history.authors[message];

  const isWhole = session.isSynced ? !session.hasOlder : history.title === null;
  const title = useTitle({ id, messages, isWhole, named: history.title });
  const isDeleted = useDeleted(id);

  const { addToolApprovalResponse, clearError, error } = chat;
  const decide = useCallback<Decide>(
    (answer) => void addToolApprovalResponse(answer),
    [addToolApprovalResponse],
  );
  const broken = session.runs.findLast(({ state }) => state === 'failed' || state === 'lost');
  const dismiss = () => {
    refusals.clear();
    clearError();
  };
  const busy = isUnderWay(run);
  const isEmpty = chat.messages.length === 0;

  return (
    <main className="flex min-w-0 flex-1 flex-col">
      <ChatHeader
        id={id}
        title={isDeleted ? 'A deleted chat' : (title ?? 'New chat')}
        connection={session.connection}
        link={link}
        others={others}
      />
      <StickToBottom
        asked={messages.findLast(({ role }) => role === 'user')?.id}
        first={messages[0]?.id}
      >
        {session.hasOlder && (
          <OlderButton busy={session.isLoadingOlder} onClick={() => session.loadOlder()} />
        )}
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
            onEdit={acts.edit}
            onRegenerate={acts.answerAgain}
            onDecide={decide}
          />
        )}
      </StickToBottom>
      <div className="mx-auto w-full max-w-3xl space-y-1.5 px-4 pb-3">
        {(refusal || error) && (
          <ErrorNotice
            message={refusal?.words ?? error?.message ?? ''}
            onRetry={acts.retry(refusal?.attempt, broken?.messageId)}
            onDismiss={dismiss}
          />
        )}
        <StatusLine
          status={chat.status}
          words={statusWords(link, run, outbox)}
          isUrgent={busy || isAway(link) || link === 'stuck'}
          typing={others.filter(({ state }) => state === 'typing').map(nameOf)}
        />
        <Handoff
          operator={session.operator}
          name={answering ? nameOf(answering) : 'An operator'}
          isOperator={isOperator}
          onHandOff={(next) => acts.watch(session.handOff(next))}
        />
        <WaitingSteers steers={steers} />
        {session.isSynced && !session.hasOlder && (
          <LostEdits
            chat={id}
            has={(messageId) => chat.messages.some((each) => each.id === messageId)}
            onSend={acts.say}
          />
        )}
        <Outbox pending={unsent} onWithdraw={(command) => acts.watch(session.withdraw(command))} />
        <Queue queue={queue} onArrange={(wish) => acts.watch(session.arrange(wish))} />
        <Composer
          chat={id}
          to={to}
          onAddress={setTo}
          way={way}
          offersMore={busy && !isAway(link)}
          stop={run === 'ending' ? 'on its way' : canStop(link, run, outbox) ? 'possible' : 'none'}
          onSay={acts.say}
          onSendWhileBusy={acts.sendWhileBusy}
          onQueue={acts.queue}
          onStop={acts.stop}
          onTyping={session.setTyping}
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
