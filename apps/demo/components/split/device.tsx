import type { ReactNode } from 'react';
import { isAway, type Link } from '../../lib/link.ts';
import { countWords, type Paragraph, paragraphsOf } from '../../lib/paragraphs.ts';
import { caughtUpWords } from '../../lib/proof.ts';
import type { DeviceName, DeviceView } from '../../lib/split/view.ts';

interface Props {
  readonly name: DeviceName;
  readonly view: DeviceView;
  /** Words of the log that it does not have. */
  readonly missing: number;
  readonly controls?: ReactNode;
}

export const titles: { readonly [D in DeviceName]: string } = { laptop: 'Laptop', phone: 'Phone' };

const frames: { readonly [D in DeviceName]: string } = {
  laptop: 'rounded-xl border-4 lg:border-8 lg:rounded-2xl',
  phone: 'rounded-3xl border-4 lg:border-8 lg:rounded-[2rem]',
};

const links: { readonly [L in Link]: string } = {
  idle: 'Idle',
  opening: 'Connecting',
  online: 'Connected',
  stuck: 'The server is stuck',
  cut: 'Cable cut',
  lost: 'Reconnecting',
  offline: 'Offline',
  refused: 'Refused',
  closed: 'Closed',
};

/** A device as one sees it: what its page shows, how it is connected, and how far it has come. */
export function Device({ name, view, missing, controls }: Props) {
  const { link, entry, text, isLoading } = view;
  const isGrey = isLoading || isAway(link);
  const words = countWords(text);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form, and a section would be a landmark
    <div
      role="group"
      aria-label={titles[name]}
      data-testid={name}
      data-text={text}
      data-words={words}
      data-entry={entry ?? ''}
      data-link={isLoading ? 'loading' : link}
      className="flex min-w-0 flex-col gap-2"
    >
      <div
        className={`flex h-52 flex-col overflow-hidden border-foreground/80 bg-card lg:h-80 ${frames[name]}`}
      >
        <p className="flex items-center gap-2 border-b px-3 py-1.5 text-xs">
          <span className="font-medium">{titles[name]}</span>
          <span className="ml-auto inline-flex items-center gap-1.5 text-muted-foreground">
            <span
              aria-hidden="true"
              className={`size-2 rounded-full ${isGrey ? 'bg-warning' : 'bg-primary'}`}
            />
            {isLoading ? 'Loading the page' : links[link]}
          </span>
        </p>
        <Screen name={name} view={view} isGrey={isGrey} />
      </div>
      <p className="flex min-h-10 flex-wrap items-baseline gap-x-2 px-1 text-muted-foreground text-xs">
        <span>
          <span className="font-semibold text-base text-foreground tabular-nums">{words}</span>{' '}
          words
        </span>
        {entry !== null && <span className="tabular-nums">at entry {entry}</span>}
        <News view={view} missing={missing} />
      </p>
      {controls}
    </div>
  );
}

/** What is to be said besides: what it lacks, or what it has caught up with. */
function News({ view, missing }: { readonly view: DeviceView; readonly missing: number }) {
  if (isAway(view.link) && missing > 0)
    return <span className="font-medium text-warning tabular-nums">{missing} wait for it</span>;
  if (!view.caughtUp) return null;
  return (
    <span data-testid="caught-up" className="font-medium text-primary tabular-nums">
      caught up {caughtUpWords(view.caughtUp)}
    </span>
  );
}

interface ScreenProps {
  readonly name: DeviceName;
  readonly view: DeviceView;
  readonly isGrey: boolean;
}

/** Begins at its end, as a chat does; what is above can be scrolled to. */
function Screen({ name, view, isGrey }: ScreenProps) {
  const { question, text, fresh, isLoading } = view;
  return (
    <div
      role="log"
      aria-label={`What the ${name} shows`}
      aria-live="off"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by the keyboard, too
      tabIndex={0}
      className={`flex min-h-0 flex-1 flex-col-reverse overflow-y-auto px-3 py-2 text-sm leading-6 transition-colors ${isGrey ? 'bg-muted text-muted-foreground' : ''}`}
    >
      {!isLoading && (
        <div className="mb-auto space-y-2">
          {question !== null && (
            <p className="ml-auto w-fit max-w-[85%] rounded-xl rounded-br-sm bg-accent px-3 py-1.5 text-accent-foreground">
              {question}
            </p>
          )}
          {paragraphsOf(text, fresh).map((paragraph) => (
            <Text key={paragraph.at} {...paragraph} />
          ))}
        </div>
      )}
    </div>
  );
}

function Text({ isHeading, pieces }: Paragraph) {
  return (
    <p dir="auto" className={`wrap-anywhere ${isHeading ? 'font-semibold' : ''}`}>
      {pieces.map(({ text, isFresh }) =>
        isFresh ? (
          <mark key="fresh" className="rounded-sm bg-fresh text-fresh-foreground">
            {text}
          </mark>
        ) : (
          text
        ),
      )}
    </p>
  );
}
