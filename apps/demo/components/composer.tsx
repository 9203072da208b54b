'use client';

import type { FileUIPart } from 'ai';
import {
  type ClipboardEvent,
  type DragEvent,
  type FormEvent,
  type KeyboardEvent,
  useEffect,
  useRef,
} from 'react';
import type { AgentName } from '../lib/agent-names.ts';
import type { Way } from '../lib/status-words.ts';
import { AttachButton, Attachments } from './attachments.tsx';
import { ArrowUpIcon, QueueIcon, StopIcon } from './icons.tsx';
import { useAttachments } from './use-attachments.ts';
import { useDrafts } from './use-drafts.ts';

const policies = {
  interrupt: 'Interrupt: the answer is stopped, and this is asked',
  rollback: 'Start over: the answer is taken back, and this is asked',
  parallel: 'Beside: answered at the same time',
  merge: 'Queue with the last one: asked together',
  latest: 'Queue this alone: in the place of all that wait',
  reject: 'Only when nothing is being written',
} as const;

/** What a message does that comes while an answer is being written. */
export type WhileBusy = keyof typeof policies;

/** An agent, or people alone. */
export type Addressee = AgentName | 'people';

/** Whom a message may be for, as the page names them. */
const names: Readonly<Record<Addressee, string>> = {
  agent: 'Assistant',
  optimist: 'Optimist',
  skeptic: 'Skeptic',
  people: 'Nobody: a note',
};

interface Props {
  readonly chat: string;
  readonly to: Addressee;
  readonly onAddress: (to: Addressee) => void;
  /** What becomes of a message that is sent now. */
  readonly way: Way;
  /** Whether the server can be told what a message is to do beside an answer that is under way. */
  readonly offersMore: boolean;
  readonly stop: 'none' | 'possible' | 'on its way';
  readonly onSay: (text: string, files: readonly FileUIPart[]) => void;
  /** Sends it as the server's policy of that name says. */
  readonly onSendWhileBusy: (text: string, policy: WhileBusy, files: readonly FileUIPart[]) => void;
  /** Lets it wait until the answer is there. */
  readonly onQueue: (text: string, files: readonly FileUIPart[]) => void;
  readonly onStop: () => void;
  /** Told when the user types, and when nothing is left of it. */
  readonly onTyping: (typing: boolean) => void;
}

const placeholders: { readonly [W in Way]: string } = {
  ask: 'Ask anything',
  steer: 'Add something while it works',
  queue: 'Ask something more',
};

const titles: { readonly [W in Way]: string } = {
  ask: 'Send',
  steer: 'Steer: the model reads it at its next step',
  queue: 'Send: asked when what goes before it is answered',
};

export function Composer({
  chat,
  to,
  onAddress,
  way,
  offersMore,
  stop,
  onSay,
  onSendWhileBusy,
  onQueue,
  onStop,
  onTyping,
}: Props) {
  const { message: draft, drafts } = useDrafts(chat);
  const form = useRef<HTMLFormElement>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  // Somebody may have typed before the page came to life.
  useEffect(() => {
    if (input.current?.value) drafts.setMessage(chat, input.current.value);
  }, [chat, drafts]);
  const { files, attach, remove, take } = useAttachments(chat);
  const isEmpty = draft.trim() === '' && files.length === 0;
  const isSteer = way === 'steer' && to !== 'people';
  const give = (deliver: (text: string, files: readonly FileUIPart[]) => void) => {
    if (isEmpty) return;
    drafts.setMessage(chat, '');
    deliver(draft.trim(), take());
    onTyping(false);
  };
  const send = (event: FormEvent) => {
    event.preventDefault();
    give(onSay);
  };
  const sendOnEnter = (event: KeyboardEvent) => {
    // While an input method composes, Enter chooses a word.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    form.current?.requestSubmit();
  };
  const attachOf = (event: ClipboardEvent | DragEvent, list: FileList) => {
    if (list.length === 0) return;
    event.preventDefault();
    attach(list);
  };
  return (
    <form
      ref={form}
      onSubmit={send}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => attachOf(event, event.dataTransfer.files)}
      className="flex flex-wrap items-end gap-2 rounded-2xl border bg-card p-2 shadow-sm transition-colors focus-within:border-ring"
    >
      <Attachments files={files} onRemove={remove} />
      <AttachButton count={files.length} onAttach={attach} />
      <AddresseeSelect to={to} onAddress={onAddress} />
      <label className="sr-only" htmlFor="prompt">
        Your message
      </label>
      <textarea
        id="prompt"
        dir="auto"
        ref={input}
        rows={1}
        value={draft}
        placeholder={placeholders[way]}
        enterKeyHint="send"
        onChange={(event) => {
          drafts.setMessage(chat, event.target.value);
          onTyping(event.target.value.trim() !== '');
        }}
        onKeyDown={sendOnEnter}
        onPaste={(event) => attachOf(event, event.clipboardData.files)}
        className="field-sizing-content order-first max-h-48 min-h-10 min-w-0 flex-1 basis-full resize-none sm:order-none sm:basis-0 bg-transparent px-2.5 py-2 outline-none placeholder:text-muted-foreground"
      />
      {stop !== 'none' && <StopButton isPossible={stop === 'possible'} onStop={onStop} />}
      {offersMore && !isEmpty && (
        <select
          aria-label="Send it another way"
          title="Send it another way"
          value=""
          onChange={({ target: { value } }) =>
            give((text, taken) => onSendWhileBusy(text, value as WhileBusy, taken))
          }
          className="h-10 w-12 rounded-xl border bg-card px-1 text-xs"
        >
          <option value="" disabled>
            …
          </option>
          {Object.entries(policies).map(([policy, words]) => (
            <option key={policy} value={policy}>
              {words}
            </option>
          ))}
        </select>
      )}
      {offersMore && !isEmpty && (
        <button
          type="button"
          aria-label="Queue"
          title="Queue: asked when the answer is there"
          onClick={() => give(onQueue)}
          className="inline-flex size-10 items-center justify-center rounded-xl border"
        >
          <QueueIcon className="size-5" />
        </button>
      )}
      {(stop === 'none' || !isEmpty) && (
        <button
          type="submit"
          aria-label={isSteer ? 'Steer' : 'Send'}
          title={titles[isSteer || way !== 'steer' ? way : 'ask']}
          disabled={isEmpty}
          className="inline-flex size-10 items-center justify-center rounded-xl bg-primary text-primary-foreground transition-opacity disabled:opacity-30"
        >
          <ArrowUpIcon className="size-5" />
        </button>
      )}
    </form>
  );
}

function AddresseeSelect({ to, onAddress }: Pick<Props, 'to' | 'onAddress'>) {
  return (
    <select
      aria-label="Who is to answer"
      title="Who is to answer"
      value={to}
      onChange={({ target: { value } }) => onAddress(value as Addressee)}
      className="mr-auto h-10 max-w-40 rounded-xl bg-transparent px-1 text-muted-foreground text-xs sm:mr-0"
    >
      {Object.entries(names).map(([agent, name]) => (
        <option key={agent} value={agent}>
          {name}
        </option>
      ))}
    </select>
  );
}

/** Stays in its place while a stop is under way, so that nothing else is hit by a second press. */
function StopButton({ isPossible, onStop }: { isPossible: boolean; onStop: () => void }) {
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
