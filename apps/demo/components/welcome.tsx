'use client';

import Link from 'next/link';
import { verbs } from '../lib/verbs.ts';
import { AnchorIcon, CheckIcon, ChevronIcon } from './icons.tsx';
import { useTried } from './use-tried.ts';

const story = 'Tell me a long story of 600 words';

const more = [
  ['A short tour', 'Show me what you can do'],
  ['A tool at work', 'What is the weather in Lisbon?'],
  ['A tool of your browser', 'Where am I?'],
  ['A tool that asks first', 'Book a table for two'],
  ['Several agents at once', 'Ask the panel: should I build a boat?'],
  ['Somebody else', 'I would like to talk to a human'],
  ['A run of several pieces', 'Plan a trip to the islands'],
  ['A model that fails', 'Answer with an error'],
] as const;

/** What a chat begins with: something long, and what to do to it. */
export function Welcome({ onChoose }: { readonly onChoose: (prompt: string) => void }) {
  const { done } = useTried();
  return (
    <section className="flex flex-1 flex-col items-center justify-center gap-6 py-6 text-center">
      <div className="space-y-2">
        <AnchorIcon className="mx-auto size-10 text-primary" />
        <h2 className="font-semibold text-2xl tracking-tight">An answer that holds fast</h2>
        <p className="mx-auto max-w-md text-balance text-muted-foreground">
          Ask for something long, and while it is being written:
        </p>
      </div>
      <ol className="grid w-full max-w-2xl gap-2 text-start sm:grid-cols-3">
        {verbs.map(({ verb, title, how }) => (
          <li key={verb} className="rounded-xl border bg-card px-4 py-3">
            <p className="flex items-center gap-1.5 font-medium">
              {title}
              {done.has(verb) && (
                <>
                  <CheckIcon className="size-4 text-primary" />
                  <span className="sr-only">: done</span>
                </>
              )}
            </p>
            <p className="text-muted-foreground text-sm">{how}</p>
          </li>
        ))}
      </ol>
      <div className="flex flex-wrap items-center justify-center gap-x-5 gap-y-2 text-sm">
        <button
          type="button"
          onClick={() => onChoose(story)}
          className="rounded-xl bg-primary px-5 py-2.5 font-medium text-primary-foreground"
        >
          Ask for a long story
        </button>
        <Link href="/split" prefetch={false} className="text-primary underline underline-offset-2">
          See it on two devices first
        </Link>
      </div>
      <details className="group w-full max-w-2xl">
        <summary className="mx-auto inline-flex list-none items-center gap-1 rounded-lg px-3 py-1.5 text-muted-foreground text-sm hover:bg-muted hover:text-foreground [&::-webkit-details-marker]:hidden">
          <ChevronIcon className="size-4 transition-transform group-open:rotate-90" />
          More to ask
        </summary>
        <ul className="mt-3 grid grid-cols-2 gap-2">
          {more.map(([title, prompt]) => (
            <li key={title}>
              <button
                type="button"
                onClick={() => onChoose(prompt)}
                className="h-full w-full rounded-xl border bg-card px-4 py-3 text-start transition-colors hover:bg-muted"
              >
                <span className="block font-medium text-sm">{title}</span>
                <span className="hidden text-muted-foreground text-sm sm:block">{prompt}</span>
              </button>
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}
