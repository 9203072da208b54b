'use client';

import { isToolUIPart } from 'ai';
import { memo } from 'react';
import { textOf } from '../lib/message-text.ts';
import type { ChatMessage } from '../lib/tools.ts';
import { CopyButton } from './copy-button.tsx';
import { IconButton } from './icon-button.tsx';
import { RetryIcon } from './icons.tsx';
import { Markdown } from './markdown.tsx';
import { Reasoning } from './reasoning.tsx';
import { SteeringPart } from './steers.tsx';
import { type Decide, ToolCard } from './tool-card.tsx';

/** How an answer ended before its time. */
export type Ending = 'stopped' | 'failed' | 'lost';

const endings: { readonly [E in Ending]: string } = {
  stopped: 'Stopped here',
  failed: 'Broke off here',
  lost: 'Broke off here: its writer has died',
};

interface Props {
  readonly message: ChatMessage;
  /** The writer's name, where that is not the assistant of the chat. */
  readonly writer: string | undefined;
  /** This message is being written. */
  readonly live: boolean;
  readonly ending: Ending | undefined;
  readonly onDecide: Decide;
  /** Absent where an answer cannot be asked for again. */
  readonly onRegenerate?: (messageId: string) => void;
}

export const AssistantMessage = memo(function AssistantMessage({
  message,
  writer,
  live,
  ending,
  onDecide,
  onRegenerate,
}: Props) {
  const text = textOf(message);
  const empty = message.parts.every((part) => part.type === 'step-start');
  return (
    <article
      aria-label={writer ? `Answer from ${writer}` : 'Answer'}
      data-testid="assistant"
      data-message={message.id}
      data-text={text}
      data-live={live}
      className="group/message space-y-3"
    >
      {writer && (
        <p data-testid="writer" className="font-medium text-muted-foreground text-xs">
          {writer}
        </p>
      )}
      {message.parts.map((part, at) => {
        // Parts are only ever added at the end, so their place is their identity.
        const key = `${message.id}/${at}`;
        const streaming = live && at === message.parts.length - 1;
        if (part.type === 'text')
          return (
            <Markdown key={key} streaming={streaming}>
              {part.text}
            </Markdown>
          );
        if (part.type === 'reasoning')
          return <Reasoning key={key} text={part.text} streaming={streaming} />;
        if (part.type === 'steering-message') return <SteeringPart key={key} part={part} />;
        if (isToolUIPart(part))
          return <ToolCard key={key} part={part} live={live} onDecide={onDecide} />;
        return null;
      })}
      {live && empty && <Waiting />}
      {ending && (
        <p
          data-testid="ending"
          className="flex items-center gap-2 text-muted-foreground text-xs before:h-px before:w-6 before:bg-border"
        >
          {endings[ending]}
        </p>
      )}
      {!live && (
        <div className="-ml-2 flex gap-0.5 opacity-80 transition-opacity focus-within:opacity-100 group-hover/message:opacity-100">
          <CopyButton text={text} />
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
