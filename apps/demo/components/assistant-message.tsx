'use client';

import { isToolUIPart } from 'ai';
import { memo } from 'react';
import { textOf } from '../lib/message-text.ts';
import type { ChatMessage } from '../lib/tools.ts';
import type { Ending, Place } from '../lib/way-on.ts';
import { CopyButton } from './copy-button.tsx';
import { EndingMark } from './ending-mark.tsx';
import { IconButton } from './icon-button.tsx';
import { RetryIcon } from './icons.tsx';
import { LoadButton } from './load-button.tsx';
import { LongText } from './long-text.tsx';
import { Reasoning } from './reasoning.tsx';
import { SteeringPart } from './steers.tsx';
import { type Decide, ToolCard } from './tool-card.tsx';

interface Props {
  readonly message: ChatMessage;
  readonly writer: string;
  /** This message is being written. */
  readonly live: boolean;
  readonly ending: Ending | undefined;
  readonly place: Place;
  /** The id of the first answer to a later question. */
  readonly newer: string | undefined;
  /** Loads what is in front of its texts; absent where all of them is here. */
  readonly onLoadWhole?: ((messageId: string) => Promise<void>) | undefined;
  readonly onDecide: Decide;
  /** Absent where an answer cannot be asked for again. */
  readonly onRegenerate?: ((messageId: string) => void) | undefined;
  /** Absent where another place on the page leads on, or nothing can be asked now. */
  readonly onContinue?: (() => void) | undefined;
}

/** Where a page has a message. */
const placeOf = (messageId: string): string => `message-${messageId}`;

function goTo(messageId: string): void {
  const message = document.getElementById(placeOf(messageId));
  message?.scrollIntoView({ block: 'start' });
  message?.focus({ preventScroll: true });
}

export const AssistantMessage = memo(function AssistantMessage({
  message,
  writer,
  live,
  ending,
  place,
  newer,
  onLoadWhole,
  onDecide,
  onRegenerate,
  onContinue,
}: Props) {
  const text = textOf(message);
  const empty = message.parts.every((part) => part.type === 'step-start');
  return (
    <article
      id={placeOf(message.id)}
      tabIndex={-1}
      aria-label={`Answer from ${writer}`}
      data-testid="assistant"
      data-message={message.id}
      data-text={text}
      data-live={live}
      className="group/message scroll-mt-6 space-y-3 outline-none"
    >
      <p
        data-testid="writer"
        className="font-medium text-muted-foreground text-xs first-letter:uppercase"
      >
        {writer}
      </p>
      {onLoadWhole && (
        <LoadButton
          label="Only the end of this answer is here: load all of it"
          onLoad={() => onLoadWhole(message.id)}
        />
      )}
      {message.parts.map((part, at) => {
        // Parts are only ever added at the end, so their place is their identity.
        const key = `${message.id}/${at}`;
        const streaming = live && at === message.parts.length - 1;
        if (part.type === 'text')
          return <LongText key={key} text={part.text} streaming={streaming} />;
        if (part.type === 'reasoning')
          return <Reasoning key={key} text={part.text} streaming={streaming} />;
        if (part.type === 'steering-message') return <SteeringPart key={key} part={part} />;
        if (isToolUIPart(part))
          return <ToolCard key={key} part={part} live={live} onDecide={onDecide} />;
        return null;
      })}
      {live && empty && <Waiting />}
      {ending && (
        <EndingMark
          ending={ending}
          place={place}
          onGo={{
            continue: onContinue,
            again: onContinue && onRegenerate && (() => onRegenerate(message.id)),
            newer: newer === undefined ? undefined : () => goTo(newer),
          }}
        />
      )}
      {!live && (
        <div className="-ms-2 flex gap-0.5 opacity-80 transition-opacity focus-within:opacity-100 group-hover/message:opacity-100">
          {!onLoadWhole && <CopyButton text={text} />}
          {onRegenerate && (
            <IconButton label="Answer again" onClick={() => onRegenerate(message.id)}>
              <RetryIcon />
            </IconButton>
          )}
        </div>
      )}
    </article>
  );
});

export function Waiting() {
  return (
    <p className="flex h-7 items-center gap-1" aria-hidden="true">
      {['', '[animation-delay:150ms]', '[animation-delay:300ms]'].map((delay) => (
        <span
          key={delay}
          className={`size-1.5 motion-safe:animate-bounce rounded-full bg-muted-foreground ${delay}`}
        />
      ))}
    </p>
  );
}
