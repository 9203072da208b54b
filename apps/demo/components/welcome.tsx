'use client';

import Link from 'next/link';
import { AnchorIcon } from './icons.tsx';

const ideas = [
  ['A short tour', 'Show me what you can do'],
  ['A long story', 'Tell me a long story of 600 words'],
  ['A tool at work', 'What is the weather in Lisbon?'],
  ['A tool of your browser', 'Where am I?'],
  ['A tool that asks first', 'Book a table for two'],
  ['Several agents at once', 'Ask the panel: should I build a boat?'],
  ['Somebody else', 'I would like to talk to a human'],
  ['A run of several pieces', 'Plan a trip to the islands'],
  ['A model that fails', 'Answer with an error'],
] as const;

export function Welcome({ onChoose }: { readonly onChoose: (prompt: string) => void }) {
  return (
    <section className="flex flex-1 flex-col items-center justify-center gap-6 py-10 text-center">
      <AnchorIcon className="size-10 text-primary" />
      <div className="space-y-2">
        <h2 className="font-semibold text-2xl tracking-tight">An answer that holds fast</h2>
        <p className="mx-auto max-w-md text-balance text-muted-foreground">
          Ask for something long. Then reload, cut the network or open a second tab, and watch the
          answer go on.{' '}
          <Link
            href="/split"
            prefetch={false}
            className="text-primary underline underline-offset-2"
          >
            See it on two devices
          </Link>
          .
        </p>
      </div>
      <ul className="grid w-full max-w-xl grid-cols-2 gap-2">
        {ideas.map(([title, prompt]) => (
          <li key={title}>
            <button
              type="button"
              onClick={() => onChoose(prompt)}
              className="h-full w-full rounded-xl border bg-card px-4 py-3 text-left transition-colors hover:bg-muted"
            >
              <span className="block font-medium text-sm">{title}</span>
              <span className="hidden text-muted-foreground text-sm sm:block">{prompt}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
