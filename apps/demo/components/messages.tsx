'use client';

import type { ReactNode } from 'react';
import { placesOf } from '../lib/places.ts';
import type { ChatMessage } from '../lib/tools.ts';
import { turnsOf } from '../lib/turns.ts';
import type { Ending } from '../lib/way-on.ts';
import { type AuthorOf, askerNameOf, writerNameOf } from '../lib/writers.ts';
import { AssistantMessage, Waiting } from './assistant-message.tsx';
import type { Decide } from './tool-card.tsx';
import { type OnEdit, UserMessage } from './user-message.tsx';

interface Props {
  readonly chat: string;
  readonly messages: readonly ChatMessage[];
  readonly authorOf: AuthorOf;
  /** The id of who looks at them. */
  readonly visitor: string;
  /** The messages that are being written. */
  readonly live: ReadonlySet<string>;
  /** How runs of messages ended, where that was before their time. */
  readonly endings: ReadonlyMap<string, Ending>;
  readonly busy: boolean;
  /** The message that the chat writes into while it is busy; what waits in the outbox may be behind these. */
  readonly newest: string | undefined;
  /** Whether the first word of an answer is waited for. */
  readonly isWaiting: boolean;
  /** Answers of which only the end is here. */
  readonly cut: readonly string[];
  readonly onLoadWhole: (messageId: string) => Promise<void>;
  readonly onEdit: OnEdit;
  readonly onRegenerate: (messageId: string) => void;
  /** Absent where another place on the page offers to go on. */
  readonly onContinue: (() => void) | undefined;
  readonly onDecide: Decide;
}

/** The last question and its answer have the whole height, so that what was asked just now stands at the top. */
export function Messages(props: Props) {
  const { messages, authorOf, isWaiting } = props;
  const last = messages.at(-1);
  const ids = new Set(messages.map(({ id }) => id));
  const isTop = ({ id }: ChatMessage) => !ids.has(authorOf(id)?.parent ?? '');
  const isChildOf = (parent: string) => (message: ChatMessage) =>
    authorOf(message.id)?.parent === parent;
  const show = showing(props);
  const turns = turnsOf(messages.filter(isTop));
  return (
    <div
      className="space-y-6"
      data-testid="messages"
      role="log"
      aria-label="Conversation"
      aria-live="off"
    >
      {turns.map((turn, at) => (
        <div
          key={turn[0]?.id}
          data-testid="turn"
          className="space-y-6 last:in-data-[asked]:min-h-[calc(100cqh-3rem)]"
        >
          {turn.map((message) => (
            <div key={message.id} className="space-y-4">
              <Children>{messages.filter(isChildOf(message.id)).map(show)}</Children>
              {show(message)}
            </div>
          ))}
          {at === turns.length - 1 && isWaiting && last?.role === 'user' && <Waiting />}
        </div>
      ))}
    </div>
  );
}

function showing(props: Props): (message: ChatMessage) => ReactNode {
  const { chat, messages, authorOf, visitor, live, endings, busy, newest, cut } = props;
  // What was sent just now has an author as soon as the session tells of it.
  const isOwn = ({ id }: ChatMessage) => (authorOf(id)?.id ?? visitor) === visitor;
  const isLive = (message: ChatMessage) => live.has(message.id) || (busy && message.id === newest);
  const isPeoples = ({ id, role }: ChatMessage) =>
    role === 'user' || authorOf(id)?.role === 'operator';
  const isAlone = messages.filter(isPeoples).every(isOwn);
  const places = placesOf(messages);
  return (message) =>
    message.role === 'user' ? (
      <UserMessage
        key={message.id}
        chat={chat}
        message={message}
        author={askerNameOf(authorOf(message.id), visitor, isAlone)}
        isOwn={isOwn(message)}
        onEdit={isOwn(message) ? props.onEdit : undefined}
      />
    ) : (
      <AssistantMessage
        key={message.id}
        message={message}
        writer={writerNameOf(authorOf(message.id), visitor)}
        live={isLive(message)}
        ending={isLive(message) ? undefined : (message.metadata?.ended ?? endings.get(message.id))}
        place={places.get(message.id)?.place ?? 'newest'}
        newer={places.get(message.id)?.newer}
        onLoadWhole={cut.includes(message.id) ? props.onLoadWhole : undefined}
        onDecide={props.onDecide}
        onRegenerate={busy ? undefined : props.onRegenerate}
        onContinue={busy || authorOf(message.id)?.parent ? undefined : props.onContinue}
      />
    );
}

/** What other agents wrote on behalf of the one below. */
function Children({ children }: { readonly children: readonly ReactNode[] }) {
  if (children.length === 0) return null;
  return (
    <div data-testid="children" className="space-y-4 border-border border-s-2 ps-4">
      {children}
    </div>
  );
}
