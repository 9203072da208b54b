import { lastWords } from '../../lib/paragraphs.ts';
import type { LogView } from '../../lib/split/view.ts';

interface Props {
  readonly view: LogView;
  /** How many words wait for the phone. */
  readonly waiting: number;
}

const shown = 7;

/** The log: what the model has written, the newest first, and what has not been read everywhere. */
export function LogStrip({ view, waiting }: Props) {
  const { text, entries, isModelOn } = view;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form, and a section would be a landmark
    <div
      role="group"
      aria-label="Log"
      data-testid="log"
      data-model={isModelOn ? 'on' : 'off'}
      data-waiting={waiting}
      className="flex min-w-0 flex-row items-center gap-3 rounded-xl border bg-sidebar px-3 py-2 lg:h-80 lg:flex-col lg:items-stretch lg:py-3"
    >
      <Lamp isOn={isModelOn} />
      <ol
        aria-label="The last words of the log"
        className="relative h-6 min-w-0 flex-1 overflow-hidden font-mono text-xs leading-6 lg:h-auto"
      >
        {lastWords(text, shown).map(({ number, word }, at) => {
          // Words go through places that stay where they are: nothing of the page moves.
          const place = `place ${at}`;
          return (
            <li key={place} className={`flex gap-2 ${at === 0 ? '' : 'text-muted-foreground'}`}>
              <span className="w-7 shrink-0 text-right tabular-nums">{number}</span>
              <span className="truncate">{word}</span>
            </li>
          );
        })}
      </ol>
      <p className="whitespace-nowrap text-muted-foreground text-xs tabular-nums lg:border-t lg:pt-2">
        <span className="font-semibold text-base text-foreground">{entries ?? '–'}</span> entries
      </p>
      <p
        data-testid="waiting"
        className={`min-w-0 text-xs tabular-nums max-lg:sr-only lg:min-h-8 ${waiting > 0 ? 'font-medium text-warning' : 'text-muted-foreground'}`}
      >
        {waiting > 0 ? `${waiting} words wait for the phone` : 'nothing waits'}
      </p>
    </div>
  );
}

function Lamp({ isOn }: { readonly isOn: boolean }) {
  return (
    <p className="inline-flex items-center gap-2 whitespace-nowrap text-xs">
      <span
        aria-hidden="true"
        className={`size-3 rounded-full border transition-colors ${isOn ? 'border-lamp bg-lamp shadow-[0_0_10px_var(--lamp)]' : 'border-muted-foreground bg-transparent'}`}
      />
      model <span className="sr-only">is {isOn ? 'on' : 'off'}</span>
    </p>
  );
}
