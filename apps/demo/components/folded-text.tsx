'use client';

import { useState } from 'react';

/** A text with more letters than this is folded, and this much of it shown. */
const most = 2_000;
const shown = 600;

/** What somebody wrote. A very long text, which would take minutes to scroll past, is unfolded by hand. */
export function FoldedText({ text }: { readonly text: string }) {
  const [isOpen, setOpen] = useState(false);
  if (text.length <= most) return text;
  return (
    <>
      {isOpen ? text : `${beginning(text)}…`}
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="mt-2 block font-medium text-sm underline underline-offset-2"
      >
        {isOpen ? 'Show less' : `Show all ${text.length.toLocaleString('en')} characters`}
      </button>
    </>
  );
}

/** Not cut in the middle of a letter. */
const beginning = (text: string): string => text.slice(0, shown).replace(/[\uD800-\uDBFF]$/, '');
