import { describe, expect, it } from 'vitest';
import { countWords, lastWords, paragraphsOf } from '../../lib/paragraphs.ts';
import { captions } from '../../lib/split/beats.ts';
import { createEntries } from '../../lib/split/entries.ts';
import { stills } from '../../lib/split/stills.ts';

describe('the paragraphs of a text', () => {
  const text = '# The log\n\nAt dusk, 美咲 lit\n\nthe lantern 🏮.';

  it('are all of it but the marks of headings', () => {
    expect(paragraphsOf(text, null)).toEqual([
      { at: 0, isHeading: true, pieces: [{ text: 'The log', isFresh: false }] },
      { at: 11, isHeading: false, pieces: [{ text: 'At dusk, 美咲 lit', isFresh: false }] },
      { at: 28, isHeading: false, pieces: [{ text: 'the lantern 🏮.', isFresh: false }] },
    ]);
  });

  it('have exactly what came at once marked, over their borders', () => {
    const from = text.indexOf('美咲');
    const to = text.indexOf('lantern');
    const pieces = paragraphsOf(text, { from, to }).flatMap((paragraph) => paragraph.pieces);
    expect(pieces.filter(({ isFresh }) => isFresh).map((piece) => piece.text)).toEqual([
      '美咲 lit',
      'the ',
    ]);
    expect(pieces.map((piece) => piece.text).join('')).toBe(
      'The logAt dusk, 美咲 litthe lantern 🏮.',
    );
  });

  it('are none of no text', () => {
    expect(paragraphsOf('', { from: 0, to: 0 })).toEqual([]);
  });
});

it('the last words come with their numbers, the newest first', () => {
  expect(lastWords('one two\n\nthree', 2)).toEqual([
    { number: 3, word: 'three' },
    { number: 2, word: 'two' },
  ]);
  expect(lastWords('', 2)).toEqual([]);
});

describe('the entries of a log', () => {
  const entry = { t: 'entry', s: 's', p: '', i: '', d: {} } as never;
  const snap = (items: number) =>
    ({ t: 'snap', s: 's', epoch: 'e', through: '', more: false, items: Array(items) }) as never;

  it('are counted from an empty log on, and found by their positions', () => {
    const entries = createEntries();
    // Before the session exists.
    entries.take(snap(0), null);
    entries.take(snap(0), 'a');
    entries.take(entry, 'b');
    entries.take(entry, 'c');
    expect(entries.count).toBe(2);
    expect(entries.numberAt('b')).toBe(1);
    expect(entries.numberAt(null)).toBe(0);
    expect(entries.numberAt('z')).toBeUndefined();
  });

  it('go on behind a snapshot at a known place, and are unknown behind another one', () => {
    const entries = createEntries();
    entries.take(snap(0), 'a');
    entries.take(entry, 'b');
    entries.take(entry, 'c');
    entries.take(snap(1), 'b');
    entries.take(entry, 'd');
    expect(entries.numberAt('d')).toBe(2);
    entries.take(snap(1), 'z');
    expect(entries.count).toBeNull();
    entries.take(entry, 'y');
    expect(entries.count).toBeNull();
  });
});

describe('the pictures for those who want no motion', () => {
  it('are five, and show what their captions say', () => {
    const [asked, cut, even, restored, over] = stills.map(({ scene }) => scene);
    expect(stills.map(({ caption }) => caption)).toEqual([
      captions.writing,
      captions.cut,
      captions.even,
      captions.restored,
      captions.over,
    ]);
    expect(asked?.phone.text).toBe(asked?.laptop.text);
    expect(cut?.phone.link).toBe('cut');
    expect(countWords(cut?.phone.text ?? '')).toBeLessThan(countWords(cut?.laptop.text ?? ''));
    expect(even?.phone.text).toBe(even?.laptop.text);
    expect(even?.phone.fresh).not.toBeNull();
    expect(restored?.laptop.text).toBe(restored?.phone.text);
    expect(over?.laptop.text).toBe(over?.phone.text);
    expect(over?.log.isModelOn).toBe(false);
  });
});
