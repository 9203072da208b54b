import { type DynamicToolUIPart, getToolName, type ToolUIPart } from 'ai';
import { sentenceOf } from '../lib/tool-sentences.ts';
import { clientTools } from './client-tools.ts';
import { ChevronIcon, ToolIcon } from './icons.tsx';
import { Pulse } from './pulse.tsx';

type ToolPart = ToolUIPart | DynamicToolUIPart;

const states: { readonly [S in ToolPart['state']]: readonly [label: string, look: string] } = {
  'input-streaming': ['is being called', 'text-muted-foreground'],
  'input-available': ['is running', 'text-warning'],
  'approval-requested': ['needs your approval', 'text-warning'],
  'approval-responded': ['was decided', 'text-muted-foreground'],
  'output-available': ['has answered', 'text-primary'],
  'output-error': ['failed', 'text-danger'],
  'output-denied': ['was not allowed', 'text-danger'],
};

/**
 * Calls that nobody has failed at: the server settles those that a stop, or the next message, leaves
 * open, in these words.
 */
const settled: Readonly<Record<string, string>> = {
  'The call was stopped.': 'was stopped',
  'Not answered before the conversation went on.': 'was left unanswered',
};

export type Decide = (answer: { readonly id: string; readonly approved: boolean }) => void;

interface Props {
  readonly part: ToolPart;
  readonly onDecide: Decide;
  /** The run goes on; else a call without an answer will never get one. */
  readonly live: boolean;
}

export function ToolCard({ part, live, onDecide }: Props) {
  const [label, look] = shownOf(part, live);
  const goesOn = isOpen(part) && (live || getToolName(part) in clientTools);
  const asked = part.state === 'approval-requested' ? part.approval.id : null;
  return (
    <details
      open={asked !== null || undefined}
      className="group rounded-xl border bg-card text-sm"
      data-testid="tool"
      data-state={part.state}
    >
      <summary className="flex list-none items-center gap-2 rounded-xl px-3.5 py-2.5">
        <ToolIcon className="size-4 text-muted-foreground" />
        <span className="flex min-w-0 flex-wrap items-center gap-x-2">
          <span className="wrap-anywhere min-w-0 font-medium">
            {sentenceOf(getToolName(part), part.input) ?? <code>{getToolName(part)}</code>}
          </span>
          <span className={`inline-flex items-center gap-2 ${look}`}>
            {goesOn && <Pulse />}
            {label}
          </span>
        </span>
        <ChevronIcon className="ms-auto size-3.5 text-muted-foreground transition-transform group-open:rotate-90" />
      </summary>
      <div className="space-y-3 border-t px-3.5 py-3">
        {part.input !== undefined && (
          <Json title={`Input of ${getToolName(part)}`} value={part.input} />
        )}
        {part.state === 'output-available' && <Json title="Output" value={part.output} />}
        {asked !== null && <Decision onDecide={(approved) => onDecide({ id: asked, approved })} />}
        {part.state === 'output-error' && (
          <p className={part.errorText in settled ? 'text-muted-foreground' : 'text-danger'}>
            {part.errorText}
          </p>
        )}
      </div>
    </details>
  );
}

/** Whether it has no outcome yet. */
const isOpen = ({ state }: ToolPart): boolean =>
  state === 'input-streaming' || state === 'input-available';

function shownOf(part: ToolPart, live: boolean): readonly [label: string, look: string] {
  if (part.state === 'output-error') {
    const label = settled[part.errorText];
    if (label) return [label, 'text-muted-foreground'];
  }
  // Nobody has said no: the conversation went on, or was stopped, before anybody decided.
  if (part.state === 'output-denied' && part.approval?.approved === undefined)
    return ['was left undecided', 'text-muted-foreground'];
  if (!isOpen(part) || live) return states[part.state];
  return getToolName(part) in clientTools
    ? ['waits for a browser', 'text-warning']
    : ['was interrupted', 'text-warning'];
}

/** Whoever has the chat open may decide; the first word counts. */
function Decision({ onDecide }: { readonly onDecide: (approved: boolean) => void }) {
  return (
    <div className="flex gap-2">
      <button
        type="button"
        onClick={() => onDecide(true)}
        className="rounded-lg bg-primary px-4 py-1.5 font-medium text-primary-foreground"
      >
        Allow
      </button>
      <button
        type="button"
        onClick={() => onDecide(false)}
        className="rounded-lg border px-4 py-1.5 font-medium"
      >
        Deny
      </button>
    </div>
  );
}

function Json({ title, value }: { readonly title: string; readonly value: unknown }) {
  return (
    <figure>
      <figcaption className="mb-1 text-muted-foreground text-xs">{title}</figcaption>
      <pre className="wrap-anywhere whitespace-pre-wrap rounded-lg bg-muted p-3 font-mono text-xs leading-relaxed">
        {JSON.stringify(value, null, 2)}
      </pre>
    </figure>
  );
}
