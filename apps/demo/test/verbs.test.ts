import { describe, expect, test } from 'vitest';
import type { Link } from '../lib/link.ts';
import type { RunNow } from '../lib/run-now.ts';
import { doneBetween } from '../lib/verbs.ts';

const at = (link: Link, run: RunNow, isBack = false) => ({ link, run, isBack });

describe('reload it', () => {
  test.each([
    ['a page that is back, with an answer under way', null, at('online', 'asked', true), 'reload'],
    [
      'also behind others of its states',
      at('opening', 'none'),
      at('online', 'working', true),
      'reload',
    ],
    ['not where nothing is being written', at('opening', 'none'), at('online', 'none', true), null],
    [
      'not an answer that began behind it',
      at('online', 'none', true),
      at('online', 'writing'),
      null,
    ],
    ['not a page that was opened', null, at('online', 'writing'), null],
  ] as const)('%s', (_, before, now, verb) => {
    expect(doneBetween(before, now)).toBe(verb);
  });
});

describe('cut it', () => {
  test.each([
    ['cut in mid-answer, and mended', at('cut', 'writing'), at('lost', 'writing'), 'cut'],
    ['also where the answer ended meanwhile', at('cut', 'silent'), at('online', 'none'), 'cut'],
    ['not while it is cut', at('online', 'writing'), at('cut', 'writing'), null],
    ['not where nothing was being written', at('cut', 'none'), at('online', 'none'), null],
    [
      'not a network that was away by itself',
      at('offline', 'writing'),
      at('online', 'writing'),
      null,
    ],
  ] as const)('%s', (_, before, now, verb) => {
    expect(doneBetween(before, now)).toBe(verb);
  });
});

describe('stop it elsewhere', () => {
  test.each([
    [
      'an answer that stops and was not stopped here',
      at('online', 'writing'),
      at('online', 'stopped'),
      'stop',
    ],
    ['also while a tool is at work', at('online', 'working'), at('online', 'stopped'), 'stop'],
    ['not one that was stopped here', at('online', 'ending'), at('online', 'stopped'), null],
    ['not one that ended', at('online', 'writing'), at('online', 'none'), null],
    ['not one that broke off', at('online', 'writing'), at('online', 'failed'), null],
    ['not one that a page finds stopped', null, at('online', 'stopped'), null],
  ] as const)('%s', (_, before, now, verb) => {
    expect(doneBetween(before, now)).toBe(verb);
  });
});
