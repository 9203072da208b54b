'use client';

import { useEffect, useRef, useState } from 'react';
import type { Link } from '../lib/link.ts';
import { countWords, type Span } from '../lib/paragraphs.ts';

/** How long what came all at once is tinted, in ms. */
const tintedMs = 2_500;
/** What comes of itself in one go is not caught up with. */
const leastWords = 3;

interface Caught {
  readonly fresh: Span;
  readonly caughtUp: { readonly words: number; readonly ms: number };
}

/** What a page got all at once when it came back, and how long that took from when it could connect. */
export function useCaughtUp(
  text: string,
  link: Link,
  isSynced: boolean,
): { readonly fresh: Span | null; readonly caughtUp: Caught['caughtUp'] | null } {
  const [caught, setCaught] = useState<Caught | null>(null);
  const [isTinted, setTinted] = useState(false);
  const since = useRef(0);
  /** The length of what was there when it went away; null while it is here. */
  const left = useRef<number | null>(0);
  /** Whether there was anything to be seen yet. */
  const hasShown = useRef(false);
  const isHere = isSynced && link === 'online';
  useEffect(() => {
    if (link !== 'online' && link !== 'cut') since.current = performance.now();
  }, [link]);
  useEffect(() => {
    hasShown.current ||= text !== '';
    if (!isHere) {
      left.current ??= text.length;
      return;
    }
    if (left.current === null) return;
    // An answer that goes on is painted anew: for a moment nothing of it is there.
    if (text === '' && hasShown.current) return;
    const { current: from } = left;
    left.current = null;
    const words = countWords(text.slice(from));
    if (words < leastWords) return;
    const ms = performance.now() - since.current;
    setCaught({ fresh: { from, to: text.length }, caughtUp: { words, ms } });
    setTinted(true);
  }, [text, isHere]);
  useEffect(() => {
    if (!isTinted) return;
    const timer = setTimeout(() => setTinted(false), tintedMs);
    return () => clearTimeout(timer);
  }, [isTinted]);
  return { fresh: isTinted && caught ? caught.fresh : null, caughtUp: caught?.caughtUp ?? null };
}
