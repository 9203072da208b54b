'use client';

import { type OtherWay, otherWays, sending } from '../lib/sending.ts';
import type { Way } from '../lib/status-words.ts';
import { ArrowUpIcon, ChevronDownIcon, StopIcon } from './icons.tsx';
import { Menu } from './menu.tsx';

interface Props {
  readonly way: Way;
  readonly isEmpty: boolean;
  /** Sends it another way; absent where there is no other. */
  readonly onOther?: ((way: OtherWay) => void) | undefined;
}

const look =
  'inline-flex h-10 items-center justify-center bg-primary text-primary-foreground transition-opacity focus-visible:z-10 disabled:opacity-30';

/** What sends, and behind it what a message can do instead while an answer is being written. */
export function SendButtons({ way, isEmpty, onOther }: Props) {
  const { label, hint } = sending[way];
  const others = Object.entries(otherWays) as [OtherWay, (typeof otherWays)[OtherWay]][];
  const isWord = way === 'steer';
  return (
    <div className="flex gap-px">
      <button
        type="submit"
        aria-label={label}
        title={`${label}: ${hint}`}
        disabled={isEmpty}
        className={`${look} rounded-s-xl ${isWord ? 'gap-1.5 px-3 font-medium text-sm' : 'w-10'} ${onOther ? '' : 'rounded-e-xl'}`}
      >
        <ArrowUpIcon className={isWord ? 'size-4' : 'size-5'} />
        {isWord && <span className="max-[22rem]:sr-only">{label}</span>}
      </button>
      {onOther && (
        <Menu
          label="Send it another way"
          items={others.map(([other, words]) => ({ ...words, act: () => onOther(other) }))}
          className={`${look} w-8 rounded-e-xl`}
        >
          <ChevronDownIcon />
        </Menu>
      )}
    </div>
  );
}

interface StopProps {
  readonly isPossible: boolean;
  readonly onStop: () => void;
}

/** Stays in its place while a stop is under way, so that nothing else is hit by a second press. */
export function StopButton({ isPossible, onStop }: StopProps) {
  return (
    <button
      type="button"
      aria-label={isPossible ? 'Stop' : 'Stopping'}
      title={isPossible ? 'Stop' : 'Stopping: sent, and not over yet'}
      aria-disabled={!isPossible}
      onClick={() => isPossible && onStop()}
      className="inline-flex size-10 items-center justify-center rounded-xl bg-foreground text-background transition-opacity aria-disabled:cursor-default aria-disabled:opacity-50 motion-safe:aria-disabled:animate-pulse"
    >
      <StopIcon className="size-5" />
    </button>
  );
}
