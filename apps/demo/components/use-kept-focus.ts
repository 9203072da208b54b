'use client';

import { useEffect } from 'react';

/**
 * Who works by the keyboard goes on at the prompt when what they were at is gone: Stop once all has ended, a
 * decision, a message that was taken back. Else they would have to begin at the top of the page.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let last: Element | null = null;
    let isByKeyboard = false;
    const onFocus = ({ target }: FocusEvent) => {
      last = target instanceof Element ? target : null;
    };
    const onKey = () => {
      isByKeyboard = true;
    };
    // A finger does not want the keyboard of a phone to come up.
    const onPointer = () => {
      isByKeyboard = false;
    };
    const look = () => {
      if (!last || last.isConnected || document.activeElement !== document.body) return;
      last = null;
      if (isByKeyboard) document.getElementById('prompt')?.focus({ preventScroll: true });
    };
    const changes = new MutationObserver(look);
    changes.observe(document.body, { childList: true, subtree: true });
    document.addEventListener('focusin', onFocus);
    document.addEventListener('keydown', onKey, true);
    document.addEventListener('pointerdown', onPointer, true);
    return () => {
      changes.disconnect();
      document.removeEventListener('focusin', onFocus);
      document.removeEventListener('keydown', onKey, true);
      document.removeEventListener('pointerdown', onPointer, true);
    };
  }, []);
}
