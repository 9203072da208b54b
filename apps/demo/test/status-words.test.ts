import { describe, expect, test } from 'vitest';
import { isAway, type Link, linkOf } from '../lib/link.ts';
import { isUnderWay, type RunNow, runNow } from '../lib/run-now.ts';
import { canStop, type OutboxNow, statusWords, wayOf } from '../lib/status-words.ts';
import type { ChatMessage } from '../lib/tools.ts';

/** Fails to compile when a state is missing below. */
type Whole<All, Named> = Exclude<All, Named> extends never ? readonly Named[] : never;

const links = [
  'idle',
  'opening',
  'online',
  'stuck',
  'cut',
  'lost',
  'offline',
  'refused',
  'closed',
] as const satisfies readonly Link[];

const runs = [
  'none',
  'asked',
  'writing',
  'working',
  'silent',
  'ending',
  'stopped',
  'failed',
  'lost',
] as const satisfies readonly RunNow[];
const outboxes = ['empty', 'unsent'] as const satisfies readonly OutboxNow[];

/** Every state there is. */
const all = (links satisfies Whole<Link, (typeof links)[number]>).flatMap((link) =>
  (runs satisfies Whole<RunNow, (typeof runs)[number]>).flatMap((run) =>
    outboxes.map((outbox) => ({ link, run, outbox, words: statusWords(link, run, outbox) })),
  ),
);

const works = (link: Link): boolean => link === 'idle' || link === 'online';

/** Holds the rule in every state, and names the first in which it does not hold. */
function always(rule: string, holds: (state: (typeof all)[number]) => boolean): void {
  test(rule, () => {
    expect(all).toHaveLength(links.length * runs.length * outboxes.length);
    expect(all.filter((state) => !holds(state))).toEqual([]);
  });
}

describe('in every state', () => {
  always('nothing is said to arrive where nothing can', ({ link, words }) => {
    const live = /Answering|Waiting for the answer|at work|Stopping…|Sending|written on/;
    return works(link) || !live.test(words);
  });
  always(
    'an answer is said to be written exactly where it is seen to be',
    ({ link, run, words }) => words.includes('Answering…') === (works(link) && run === 'writing'),
  );
  always('that nothing arrives is said first of all', ({ link, words }) => {
    const start = /^(No connection|The network is cut|The server|Connecting|This page is not)/;
    return start.test(words) !== works(link);
  });
  always(
    'what waits to be sent is said to wait, and nothing else',
    ({ link, run, outbox, words }) => {
      const isSaid = /wait here|sent in a moment|Sending/.test(words);
      const isDue = link !== 'closed' && !(works(link) && isUnderWay(run));
      return isSaid === (outbox === 'unsent' && isDue);
    },
  );
  always('a stop on its way is confirmed', ({ link, run, words }) => {
    const isDue = run === 'ending' && link !== 'closed' && link !== 'opening';
    return /Stopping|Your stop is sent/.test(words) === isDue;
  });
  always(
    'how an answer ended is said where everything is known',
    ({ link, run, outbox, words }) => {
      const isDue = run === 'stopped' || run === 'failed' || run === 'lost';
      const isSaid = /^(Stopped|The answer broke off)/.test(words);
      return isSaid === (isDue && works(link) && outbox === 'empty');
    },
  );
  always(
    'nothing is promised that a page cannot know',
    ({ words }) => !/nothing is lost|will go on|is safe/i.test(words),
  );
  always('only a run that is known to be live is steered', ({ link, run, outbox }) => {
    const isLive = run === 'writing' || run === 'working' || run === 'silent';
    const isSteered = wayOf(link, run, outbox) === 'steer';
    return isSteered === (isLive && !isAway(link) && outbox === 'empty');
  });
  always(
    'nothing overtakes what waits or is under way',
    ({ link, run, outbox }) =>
      (wayOf(link, run, outbox) === 'ask') === (!isUnderWay(run) && outbox === 'empty'),
  );
  always('a stop is offered where there is something to stop', ({ link, run, outbox }) => {
    const isLive = run === 'writing' || run === 'working' || run === 'silent';
    const isUnsent = run === 'asked' && isAway(link) && outbox === 'unsent';
    return canStop(link, run, outbox) === (isLive || (run === 'asked' && !isUnsent));
  });
});

test.each([
  ['online', 'none', 'empty', ''],
  ['online', 'none', 'unsent', 'Sending…'],
  ['online', 'writing', 'empty', 'Answering…'],
  ['online', 'stopped', 'empty', 'Stopped. What was written is kept.'],
  ['cut', 'none', 'empty', 'The network is cut.'],
  [
    'cut',
    'asked',
    'unsent',
    'The network is cut. Your messages wait here, and are sent in order when it works again.',
  ],
  [
    'lost',
    'writing',
    'empty',
    'No connection; it is tried again. The answer may go on meanwhile; it will be shown here.',
  ],
  [
    'stuck',
    'silent',
    'empty',
    'The server cannot do its work right now. The answer cannot go on till then.',
  ],
] as const)('%s, %s, outbox %s: "%s"', (link, run, outbox, words) => {
  expect(statusWords(link, run, outbox)).toBe(words);
});

test('the link is told for every combination of what is known of it', () => {
  const connections = ['idle', 'connecting', 'online', 'offline', 'failed', 'closed'] as const;
  for (const connection of connections)
    for (const isCut of [true, false])
      for (const wasOnline of [true, false])
        for (const isStuck of [true, false]) {
          const fact = { connection, isCut, wasOnline, isStuck };
          const link = linkOf(fact);
          const arrives = !isCut && ['online', 'idle'].includes(connection);
          expect(isAway(link), JSON.stringify(fact)).toBe(!arrives);
          expect(link === 'closed', JSON.stringify(fact)).toBe(connection === 'closed');
          expect(link === 'cut', JSON.stringify(fact)).toBe(isCut && connection !== 'closed');
          expect(link === 'stuck', JSON.stringify(fact)).toBe(arrives && isStuck);
          expect(link === 'lost', JSON.stringify(fact)).toBe(
            connection === 'connecting' && !isCut && wasOnline,
          );
        }
});

describe('the run', () => {
  const text: ChatMessage = { id: 'a', role: 'assistant', parts: [{ type: 'text', text: 'so' }] };
  const calling: ChatMessage = {
    id: 'a',
    role: 'assistant',
    parts: [{ type: 'tool-survey', toolCallId: '1', state: 'input-available', input: {} } as never],
  };
  const facts = {
    status: 'ready',
    runs: [],
    messages: [],
    isStopping: false,
    isSilent: false,
  } as const;
  const running = [{ state: 'running', messageId: 'a' }] as const;
  test.each([
    ['nothing', facts, 'none'],
    ['asked', { ...facts, status: 'submitted' }, 'asked'],
    ['of another page, before its first word', { ...facts, runs: running }, 'asked'],
    ['of another page', { ...facts, runs: running, messages: [text] }, 'writing'],
    ['in a tool', { ...facts, runs: running, messages: [calling] }, 'working'],
    [
      'in a tool for long',
      { ...facts, runs: running, messages: [calling], isSilent: true },
      'working',
    ],
    [
      'silent',
      { ...facts, status: 'streaming', runs: running, messages: [text], isSilent: true },
      'silent',
    ],
    ['stopping', { ...facts, status: 'streaming', runs: running, isStopping: true }, 'ending'],
    [
      'stopped, and still being painted',
      { ...facts, status: 'streaming', runs: [{ state: 'stopped', messageId: 'a' }] },
      'stopped',
    ],
    [
      'asked behind one that was stopped',
      { ...facts, status: 'submitted', runs: [{ state: 'stopped', messageId: 'a' }] },
      'asked',
    ],
    ['a stop that is over', { ...facts, isStopping: true }, 'none'],
    ['stopped', { ...facts, runs: [{ state: 'stopped', messageId: 'a' }] }, 'stopped'],
    ['lost', { ...facts, runs: [{ state: 'lost', messageId: 'a' }] }, 'lost'],
    ['finished', { ...facts, runs: [{ state: 'finished', messageId: 'a' }] }, 'none'],
  ] as const)('%s', (_, given, expected) => {
    expect(runNow(given)).toBe(expected);
  });
});
