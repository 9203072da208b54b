'use client';

import { useRef, useState } from 'react';
import { copyText } from '../lib/clipboard.ts';
import { IconButton } from './icon-button.tsx';
import { CheckIcon, CopyIcon, WarningIcon } from './icons.tsx';

const shownMs = 1_500;

type Copying = 'none' | 'done' | 'failed';

const labels: { readonly [C in Copying]: string } = {
  none: 'Copy',
  done: 'Copied',
  failed: 'Not copied: the browser forbids it',
};

export function CopyButton({ text }: { readonly text: string }) {
  const [copying, setCopying] = useState<Copying>('none');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const tell = (how: Copying) => {
    setCopying(how);
    clearTimeout(timer.current);
    if (how === 'done') timer.current = setTimeout(() => setCopying('none'), shownMs);
  };
  const copy = () =>
    void copyText(text).then(
      () => tell('done'),
      () => tell('failed'),
    );
  return (
    <>
      <IconButton label={labels[copying]} onClick={copy}>
        {icons[copying]}
      </IconButton>
      <span role="status" className={copying === 'failed' ? 'self-center text-xs' : 'sr-only'}>
        {copying === 'none' ? '' : labels[copying]}
      </span>
    </>
  );
}

const icons = { none: <CopyIcon />, done: <CheckIcon />, failed: <WarningIcon /> } as const;
