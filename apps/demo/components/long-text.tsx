'use client';

import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import { type Portion, portionsOf } from '../lib/portions.ts';
import { Markdown } from './markdown.tsx';

interface Props {
  readonly text: string;
  /** More is to come. */
  readonly streaming: boolean;
}

/**
 * What a model wrote. Of a very long text the end is painted, and what is in front
 * of it portion by portion when it is asked for.
 */
export function LongText({ text, streaming }: Props) {
  const portions = useMemo(() => portionsOf(text), [text]);
  const { first, showMore } = useShown(portions, text);
  const keepPlace = usePlace();
  const hidden = portions[first]?.at ?? 0;
  return (
    <>
      {hidden > 0 && (
        <button
          type="button"
          onClick={({ currentTarget }) => {
            keepPlace(currentTarget.nextElementSibling);
            showMore();
          }}
          className="block font-medium text-sm underline underline-offset-2"
        >
          Show more of what is above ({hidden.toLocaleString('en')} characters)
        </button>
      )}
      {portions.slice(first).map((portion) => (
        <div key={portion.at} data-testid="portion">
          <Markdown streaming={streaming && portion === portions.at(-1)}>{portion.text}</Markdown>
        </div>
      ))}
    </>
  );
}

/** How many portions of a text are painted that is there at once. */
const atOnce = 2;

interface Shown {
  /** What the first portion begins with that is shown: where it is changes when what is in front of it is loaded. */
  readonly words: string;
  readonly isAsked: boolean;
  /** How many portions there were. */
  readonly count: number;
}

/** What is painted stays so while the text grows; where much of it comes at once, the end of that is painted. */
function useShown(portions: readonly Portion[], text: string) {
  const { length: count } = portions;
  const from = (number: number, isAsked: boolean): Shown => {
    const words = number > 0 ? (portions[number]?.text.slice(0, 2_000) ?? '') : '';
    return { words, isAsked, count };
  };
  const [shown, setShown] = useState(() => from(count - atOnce, false));
  if (count !== shown.count) {
    const isMuch = count > shown.count + 1 && !shown.isAsked;
    setShown(isMuch ? from(count - atOnce, false) : { ...shown, count });
  }
  const first = useMemo(() => placeOf(portions, text, shown.words), [portions, text, shown.words]);
  return { first, showMore: () => setShown(from(first - 1, true)) };
}

/** The number of the portion that has the words. */
function placeOf(portions: readonly Portion[], text: string, words: string): number {
  if (words === '') return 0;
  const at = text.lastIndexOf(words);
  if (at < 0) return Math.max(0, portions.length - atOnce);
  return portions.findLastIndex((portion) => portion.at <= at);
}

/** Keeps an element where its reader sees it while more is put in front of it. */
function usePlace(): (element: Element | null) => void {
  const kept = useRef<{ readonly element: Element; readonly top: number } | null>(null);
  useLayoutEffect(() => {
    const { current: place } = kept;
    kept.current = null;
    if (!place?.element.isConnected) return;
    const { top } = place.element.getBoundingClientRect();
    place.element.closest('[data-scroller]')?.scrollBy({ top: top - place.top });
  });
  return (element) => {
    kept.current = element && { element, top: element.getBoundingClientRect().top };
  };
}
