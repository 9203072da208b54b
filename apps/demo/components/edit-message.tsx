'use client';

import { type FormEvent, useId } from 'react';

interface Props {
  readonly text: string;
  readonly hint: string;
  readonly onChange: (text: string) => void;
  readonly onSave: (text: string) => void;
  readonly onCancel: () => void;
}

export function EditMessage({ text, hint, onChange, onSave, onCancel }: Props) {
  const field = useId();
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== '') onSave(text.trim());
  };
  return (
    <form
      onSubmit={save}
      onKeyDown={(event) => event.key === 'Escape' && onCancel()}
      className="space-y-2 rounded-2xl border bg-card p-3"
    >
      <label className="sr-only" htmlFor={field}>
        Your message
      </label>
      <textarea
        id={field}
        dir="auto"
        data-testid="edit"
        // biome-ignore lint/a11y/noAutofocus: the user has just asked to edit this
        autoFocus
        rows={3}
        value={text}
        onChange={(event) => onChange(event.target.value)}
        className="field-sizing-content max-h-60 w-full resize-none bg-transparent px-1 outline-none"
      />
      <div className="flex items-center justify-end gap-2 text-sm">
        <p className="me-auto text-muted-foreground text-xs">{hint}</p>
        <button type="button" onClick={onCancel} className="rounded-lg px-3 py-1.5 hover:bg-muted">
          Cancel
        </button>
        <button
          type="submit"
          disabled={text.trim() === ''}
          className="rounded-lg bg-primary px-3 py-1.5 font-medium text-primary-foreground disabled:opacity-40"
        >
          Send
        </button>
      </div>
    </form>
  );
}
