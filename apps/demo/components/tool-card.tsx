import { type DynamicToolUIPart, getToolName, type ToolUIPart } from 'ai';
import { ChevronIcon, ToolIcon } from './icons.tsx';

type ToolPart = ToolUIPart | DynamicToolUIPart;

const states: { readonly [S in ToolPart['state']]: readonly [label: string, look: string] } = {
  'input-streaming': ['is being called', 'text-muted-foreground motion-safe:animate-pulse'],
  'input-available': ['is running', 'text-warning motion-safe:animate-pulse'],
  'approval-requested': ['needs your approval', 'text-warning'],
  'approval-responded': ['was decided', 'text-muted-foreground'],
  'output-available': ['has answered', 'text-primary'],
  'output-error': ['failed', 'text-danger'],
  'output-denied': ['was not allowed', 'text-danger'],
};

interface Props {
  readonly part: ToolPart;
  /** The run goes on; else a call without an answer will never get one. */
  readonly live: boolean;
}

export function ToolCard({ part, live }: Props) {
  const open = part.state === 'input-streaming' || part.state === 'input-available';
  const [label, look] = open && !live ? ['was interrupted', 'text-warning'] : states[part.state];
  return (
    <details
      className="group rounded-xl border bg-card text-sm"
      data-testid="tool"
      data-state={part.state}
    >
      <summary className="flex list-none items-center gap-2 rounded-xl px-3.5 py-2.5">
        <ToolIcon className="size-4 text-muted-foreground" />
        <span className="font-medium font-mono text-[13px]">{getToolName(part)}</span>
        <span className={look}>{label}</span>
        <ChevronIcon className="ml-auto size-3.5 text-muted-foreground transition-transform group-open:rotate-90" />
      </summary>
      <div className="space-y-3 border-t px-3.5 py-3">
        {part.input !== undefined && <Json title="Input" value={part.input} />}
        {part.state === 'output-available' && <Json title="Output" value={part.output} />}
        {part.state === 'output-error' && <p className="text-danger">{part.errorText}</p>}
      </div>
    </details>
  );
}

function Json({ title, value }: { readonly title: string; readonly value: unknown }) {
  return (
    <figure>
      <figcaption className="mb-1 text-muted-foreground text-xs">{title}</figcaption>
      <pre className="overflow-x-auto rounded-lg bg-muted p-3 font-mono text-xs leading-relaxed">
        {JSON.stringify(value, null, 2)}
      </pre>
    </figure>
  );
}
