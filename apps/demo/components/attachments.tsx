'use client';

import type { FileUIPart } from 'ai';
import { useRef } from 'react';
import { mostFiles } from '../lib/attachments.ts';
import { IconButton } from './icon-button.tsx';
import { AttachIcon, CloseIcon } from './icons.tsx';

interface ListProps {
  readonly files: readonly FileUIPart[];
  readonly onRemove: (file: FileUIPart) => void;
}

/** What goes with the message that is being written. */
export function Attachments({ files, onRemove }: ListProps) {
  if (files.length === 0) return null;
  return (
    <ul aria-label="Files to be sent" className="flex basis-full flex-wrap gap-1.5">
      {files.map((file, at) => {
        const name = file.filename ?? 'a file';
        const key = `${name} ${at}`;
        return (
          <li
            key={key}
            data-testid="attachment"
            className="inline-flex max-w-56 items-center gap-1 rounded-lg border py-0.5 pe-0.5 ps-2 text-xs"
          >
            <span className="truncate">{name}</span>
            <button
              type="button"
              aria-label={`Take away: ${name}`}
              onClick={() => onRemove(file)}
              className="inline-flex size-6 items-center justify-center rounded-md hover:bg-muted"
            >
              <CloseIcon className="size-3.5" />
            </button>
          </li>
        );
      })}
    </ul>
  );
}

interface ButtonProps {
  readonly count: number;
  readonly onAttach: (list: FileList) => void;
}

/** Files can be pasted, and dropped on the prompt, too. */
export function AttachButton({ count, onAttach }: ButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        data-testid="files"
        onChange={({ target }) => {
          if (target.files) onAttach(target.files);
          // So that the same file can be chosen again.
          target.value = '';
        }}
      />
      <IconButton
        label="Attach files"
        disabled={count >= mostFiles}
        onClick={() => input.current?.click()}
        className="size-10"
      >
        <AttachIcon className="size-5" />
      </IconButton>
    </>
  );
}
