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
import { sending, type WhileBusy } from '../lib/sending.ts';
import type { Way } from '../lib/status-words.ts';
import { type Addressee, AddresseeSelect } from './addressee-select.tsx';
import { AttachButton, Attachments } from './attachments.tsx';
import { SendButtons, StopButton } from './send-buttons.tsx';
import { useAttachments } from './use-attachments.ts';
import { useDrafts } from './use-drafts.ts';

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

export function Composer(props: Props) {
  const { chat, to, onAddress, way, offersMore, stop, onSay, onStop, onTyping } = props;
  const { message: draft, drafts } = useDrafts(chat);
  const { files, attach, remove, take } = useAttachments(chat);
  const form = useRef<HTMLFormElement>(null);
  const isEmpty = draft.trim() === '' && files.length === 0;
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
      <Prompt
        draft={draft}
        placeholder={sending[way].placeholder}
        onDraft={(text) => drafts.setMessage(chat, text)}
        onType={(text) => {
          drafts.setMessage(chat, text);
          onTyping(text.trim() !== '');
        }}
        onEnter={() => form.current?.requestSubmit()}
        onPaste={(event) => attachOf(event, event.clipboardData.files)}
      />
      <div className="ms-auto flex shrink-0 gap-2">
        {stop !== 'none' && <StopButton isPossible={stop === 'possible'} onStop={onStop} />}
        {(stop === 'none' || !isEmpty) && (
          <SendButtons
            // A note is told to no model.
            way={way === 'steer' && to === 'people' ? 'ask' : way}
            isEmpty={isEmpty}
            onOther={
              offersMore && !isEmpty
                ? (other) =>
                    give((text, taken) =>
                      other === 'queue'
                        ? props.onQueue(text, taken)
                        : props.onSendWhileBusy(text, other, taken),
                    )
                : undefined
            }
          />
        )}
      </div>
    </form>
  );
}

interface PromptProps {
  readonly draft: string;
  readonly placeholder: string;
  /** Given what somebody typed before the page came to life. */
  readonly onDraft: (text: string) => void;
  readonly onType: (text: string) => void;
  readonly onEnter: () => void;
  readonly onPaste: (event: ClipboardEvent) => void;
}

function Prompt({ draft, placeholder, onDraft, onType, onEnter, onPaste }: PromptProps) {
  const input = useRef<HTMLTextAreaElement>(null);
  const early = useRef(onDraft);
  useEffect(() => {
    if (input.current?.value) early.current(input.current.value);
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes, Enter chooses a word.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    onEnter();
  };
  return (
    <>
      <label className="sr-only" htmlFor="prompt">
        Your message
      </label>
      <textarea
        id="prompt"
        dir="auto"
        ref={input}
        rows={1}
        value={draft}
        placeholder={placeholder}
        enterKeyHint="send"
        onChange={(event) => onType(event.target.value)}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
        className="field-sizing-content order-first max-h-48 min-h-10 min-w-0 flex-1 basis-full resize-none bg-transparent px-2.5 py-2 outline-none placeholder:text-muted-foreground sm:order-none sm:basis-0"
      />
    </>
  );
}
