'use client';

import { tried } from '../lib/tried.ts';
import { verbs } from '../lib/verbs.ts';
import { IconButton } from './icon-button.tsx';
import { CheckIcon, CloseIcon } from './icons.tsx';
import { useTried } from './use-tried.ts';

/** What there is to be tried, until all of it was, or it is put away. */
export function Hints() {
  const { done, isHidden } = useTried();
  if (isHidden || verbs.every(({ verb }) => done.has(verb))) return null;
  return (
    <div data-testid="hints" className="flex items-center gap-2 px-1 text-xs">
      <ul aria-label="To be tried" className="flex min-w-0 flex-1 flex-wrap gap-x-3 gap-y-1">
        {verbs.map(({ verb, title, how }) => (
          <li
            key={verb}
            data-testid="hint"
            data-done={done.has(verb)}
            title={how}
            className={`inline-flex items-center gap-1 ${done.has(verb) ? 'text-primary' : 'text-muted-foreground'}`}
          >
            {done.has(verb) ? (
              <CheckIcon className="size-3.5" />
            ) : (
              <span aria-hidden="true" className="size-2 rounded-full border border-current" />
            )}
            {title}
            {done.has(verb) && <span className="sr-only">: done</span>}
          </li>
        ))}
      </ul>
      <IconButton label="Hide these hints" onClick={tried.hide} className="size-6">
        <CloseIcon className="size-3.5" />
      </IconButton>
    </div>
  );
}
