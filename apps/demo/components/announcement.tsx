'use client';

import { isToolUIPart } from 'ai';
import { useEffect, useRef, useState } from 'react';
import { isUnderWay, type RunNow } from '../lib/run-now.ts';
import type { ChatMessage } from '../lib/tools.ts';

/** An answer goes on by itself behind what a tool gave; only one that does not is at its end. In ms. */
const settleMs = 1_000;

interface Props {
  readonly run: RunNow;
  readonly last: ChatMessage | undefined;
}

/**
 * Says once, to those who do not see it, that an answer has come to its end, or waits for them. How one ends
 * before its time is said by the status line.
 */
export function Announcement({ run, last }: Props) {
  const [words, setWords] = useState('');
  const wasUnderWay = useRef(false);
  const isBusy = isUnderWay(run);
  const next = endOf(last);
  useEffect(() => {
    if (isBusy) {
      wasUnderWay.current = true;
      setWords('');
      return;
    }
    if (!wasUnderWay.current) return;
    const timer = setTimeout(() => {
      wasUnderWay.current = false;
      if (run === 'none') setWords(next);
    }, settleMs);
    return () => clearTimeout(timer);
  }, [isBusy, run, next]);
  return (
    <p role="status" data-testid="announcement" className="sr-only">
      {words}
    </p>
  );
}

function endOf(last: ChatMessage | undefined): string {
  if (last?.role !== 'assistant') return '';
  const open = last.parts.filter(isToolUIPart).map(({ state }) => state);
  if (open.includes('approval-requested')) return 'The answer waits for your approval.';
  if (open.includes('input-available')) return 'The answer waits for a browser.';
  return 'The answer is complete.';
}
