import { ChevronIcon, ThoughtIcon } from './icons.tsx';
import { LongText } from './long-text.tsx';
import { Pulse } from './pulse.tsx';

interface Props {
  readonly text: string;
  readonly streaming: boolean;
}

export function Reasoning({ text, streaming }: Props) {
  return (
    <details className="group text-sm" data-testid="reasoning">
      <summary className="flex w-fit list-none items-center gap-2 rounded-md py-1 text-muted-foreground hover:text-foreground">
        <ThoughtIcon />
        {streaming ? (
          <span className="inline-flex items-center gap-2">
            Thinking… <Pulse />
          </span>
        ) : (
          'Thought about it'
        )}
        <ChevronIcon className="size-3.5 transition-transform group-open:rotate-90" />
      </summary>
      <div className="mt-1 space-y-3 border-s-2 ps-4 text-muted-foreground">
        <LongText text={text} streaming={streaming} />
      </div>
    </details>
  );
}
