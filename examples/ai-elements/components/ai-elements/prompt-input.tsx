// Stands for what `npx ai-elements add prompt-input` copies into an application.
import type { ChatStatus } from 'ai';
import type { ComponentProps, FormEvent, KeyboardEvent } from 'react';

interface PromptInputProps extends Omit<ComponentProps<'form'>, 'onSubmit'> {
  readonly onSubmit: (message: { readonly text: string }) => void;
}

/** A form that hands over its text, and is empty afterwards. */
export function PromptInput({ onSubmit, ...props }: PromptInputProps) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = new FormData(event.currentTarget).get('message');
    event.currentTarget.reset();
    if (typeof text === 'string' && text) onSubmit({ text });
  };
  return <form onSubmit={submit} {...props} />;
}

export const PromptInputTextarea = (props: ComponentProps<'textarea'>) => (
  <textarea name="message" onKeyDown={submitByEnter} {...props} />
);

function submitByEnter(event: KeyboardEvent<HTMLTextAreaElement>): void {
  if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
  event.preventDefault();
  event.currentTarget.form?.requestSubmit();
}

interface PromptInputSubmitProps {
  readonly status: ChatStatus;
  readonly onStop: () => void;
}

/** Sends, and stops while an answer is awaited or written. */
export function PromptInputSubmit({ status, onStop }: PromptInputSubmitProps) {
  const isBusy = status === 'submitted' || status === 'streaming';
  return isBusy ? (
    <button key="stop" type="button" onClick={onStop}>
      Stop
    </button>
  ) : (
    <button key="submit" type="submit">
      Submit
    </button>
  );
}
