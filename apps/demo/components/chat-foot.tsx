'use client';

import type { UseChatHelpers } from '@ai-sdk/react';
import type { SessionHelpers } from '@holdfast/client/react';
import { isAway } from '../lib/link.ts';
import { isUnderWay } from '../lib/run-now.ts';
import { canStop, statusWords, type Way } from '../lib/status-words.ts';
import type { ChatMessage } from '../lib/tools.ts';
import { personNameOf } from '../lib/writers.ts';
import type { Addressee } from './addressee-select.tsx';
import { Announcement } from './announcement.tsx';
import { Composer } from './composer.tsx';
import { ErrorNotice } from './error-notice.tsx';
import { HandedOver } from './handed-over.tsx';
import { Handoff } from './handoff.tsx';
import { Hints } from './hints.tsx';
import { LostEdits } from './lost-edits.tsx';
import { Outbox } from './outbox.tsx';
import { Queue } from './queue.tsx';
import { StatusLine } from './status-line.tsx';
import { WaitingSteers } from './steers.tsx';
import { useConnected } from './transport-provider.tsx';
import type { Acts } from './use-acts.ts';
import type { Handed } from './use-handed.ts';
import type { Refusals } from './use-refusals.ts';
import type { Standing } from './use-standing.ts';
import { useNotedTries } from './use-tried.ts';

interface Props {
  readonly id: string;
  readonly chat: UseChatHelpers<ChatMessage>;
  readonly session: SessionHelpers;
  readonly standing: Standing;
  readonly acts: Acts;
  readonly handed: readonly Handed[];
  readonly refusals: Refusals;
  readonly to: Addressee;
  readonly onAddress: (to: Addressee) => void;
  readonly way: Way;
}

/** What stands below the messages: how things are, what waits, and where one writes. */
export function ChatFoot(props: Props) {
  const { id, chat, session, standing, acts, handed, refusals, to, onAddress, way } = props;
  const { visitor, isOperator } = useConnected();
  const { link, run, outbox, unsent } = standing;
  const { refusal } = refusals;
  const busy = isUnderWay(run);
  useNotedTries(link, run, session.isSynced);
  const steers = session.runs
    .flatMap((each) => each.steers ?? [])
    .filter(({ state }) => state === 'waiting');
  const queue = session.queue.filter((each) => steers.every((steer) => steer.id !== each.id));
  const typing = session.participants.filter(
    (other) => other.id !== visitor.id && other.state === 'typing',
  );
  const answering = session.participants.find(({ id: who }) => who === session.operator?.id);
  const broken = session.runs.findLast(({ state }) => state === 'failed' || state === 'lost');
  const dismiss = () => {
    refusals.clear();
    chat.clearError();
  };
  return (
    <div className="mx-auto w-full max-w-3xl space-y-1.5 px-4 pb-3">
      {(refusal || chat.error) && (
        <ErrorNotice
          message={refusal?.words ?? chat.error?.message ?? ''}
          onRetry={acts.retry(refusal?.attempt, broken?.messageId)}
          onDismiss={dismiss}
        />
      )}
      <StatusLine
        status={chat.status}
        words={statusWords(link, run, outbox)}
        isUrgent={busy || isAway(link) || link === 'stuck'}
        typing={typing.map(personNameOf)}
      />
      {chat.messages.length > 0 && !isOperator && <Hints />}
      <Announcement run={run} last={chat.messages.at(-1)} />
      <Handoff
        operator={session.operator}
        name={answering ? personNameOf(answering) : 'An operator'}
        reader={visitor.id}
        chat={id}
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
      <HandedOver messages={handed} />
      <Outbox pending={unsent} onWithdraw={(command) => acts.watch(session.withdraw(command))} />
      <Queue queue={queue} onArrange={(wish) => acts.watch(session.arrange(wish))} />
      <Composer
        chat={id}
        to={to}
        onAddress={onAddress}
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
  );
}
