'use client';

import { useState } from 'react';
import { IconButton } from './icon-button.tsx';
import { CheckIcon, CopyIcon } from './icons.tsx';

const shownMs = 1_500;

export function CopyButton({ text }: { readonly text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), shownMs);
  };
  // Browsers may forbid it; then the button simply does not say "Copied".
  const onClick = () => void copy().catch(() => {});
  return (
    <IconButton label={copied ? 'Copied' : 'Copy'} onClick={onClick}>
      {copied ? <CheckIcon /> : <CopyIcon />}
    </IconButton>
  );
}
