import type { UIMessageChunk } from 'ai';
import { numberedText, stamp, word } from './tokens.ts';

/**
 * What an agent writes, the same for every side.
 * `paced`: stamps, the first at once, then evenly. `spoken`: words in their place. `flood`: words as fast as they are taken, for a
 * time; `mixed` ones go to two parts by turns, so that no two neighbours can be joined. `burst`: so many
 * chunks as fast as they are taken, each of one word, or of `words` behind its number, and then the answer stays unfinished.
 * `steps`: the same of one word, but each waits until the one before it was passed on, so that none are
 * joined. `silent`: an answer that has begun and says nothing.
 */
export type Schedule =
  | { readonly kind: 'paced' | 'spoken'; readonly perSecond: number; readonly count: number }
  | { readonly kind: 'flood'; readonly ms: number; readonly mixed?: boolean }
  | { readonly kind: 'burst'; readonly count: number; readonly words?: number }
  | { readonly kind: 'steps'; readonly count: number }
  | { readonly kind: 'silent' };

const part = 'text';
const other = 'other';
const delta = (text: string, id = part): UIMessageChunk => ({
  type: 'text-delta',
  id,
  delta: text,
});
const start = (id: string): UIMessageChunk => ({ type: 'text-start', id });
const end = (id: string): UIMessageChunk => ({ type: 'text-end', id });
const openingOf = (...parts: string[]): UIMessageChunk[] => [
  { type: 'start' },
  ...parts.map(start),
];
const endingOf = (...parts: string[]): UIMessageChunk[] => [...parts.map(end), { type: 'finish' }];
const opening = openingOf(part);
const ending = endingOf(part);

/** A model's answer comes in reads of the network; between two of them the process does other work. */
const chunksPerRead = 100;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

type Controller = ReadableStreamDefaultController<UIMessageChunk>;

function write(controller: Controller, chunks: readonly UIMessageChunk[]): void {
  for (const chunk of chunks) controller.enqueue(chunk);
}

function paced(
  perSecond: number,
  count: number,
  token: (at: number) => string,
): ReadableStream<UIMessageChunk> {
  let timer: NodeJS.Timeout | undefined;
  return new ReadableStream({
    start(controller) {
      const interval = 1_000 / perSecond;
      const begun = performance.now();
      let sent = 0;
      const step = () => {
        // A late timer makes up for what was due, so that every side carries the same load.
        const due = Math.min(count, 1 + Math.floor((performance.now() - begun) / interval));
        for (; sent < due; sent++) controller.enqueue(delta(token(sent)));
        if (sent < count) {
          timer = setTimeout(step, Math.max(1, begun + sent * interval - performance.now()));
          return;
        }
        write(controller, ending);
        controller.close();
      };
      write(controller, opening);
      step();
    },
    cancel: () => clearTimeout(timer),
  });
}

const readByRead = (sent: number): Promise<void> | undefined =>
  sent % chunksPerRead === 0 ? nextTurn() : undefined;

interface Pulled {
  readonly isEnd: (sent: number) => boolean;
  readonly finishes: boolean;
  /** Takes the words by turns. */
  readonly parts?: readonly string[];
  /** Words of each chunk. */
  readonly words?: number;
  readonly pause?: (sent: number) => Promise<void> | undefined;
}

function pulled({
  isEnd,
  finishes,
  parts = [part],
  words = 1,
  pause = readByRead,
}: Pulled): ReadableStream<UIMessageChunk> {
  let sent = 0;
  let wake: (() => void) | undefined;
  return new ReadableStream({
    start: (controller) => write(controller, openingOf(...parts)),
    pull(controller) {
      if (isEnd(sent)) {
        if (!finishes)
          return new Promise((resolve) => {
            wake = resolve;
          });
        write(controller, endingOf(...parts));
        controller.close();
        return undefined;
      }
      const text = words === 1 ? word(sent) : numberedText(sent, words);
      controller.enqueue(delta(text, parts[sent++ % parts.length]));
      return pause(sent);
    },
    cancel: () => wake?.(),
  });
}

/**
 * Starts an agent's answer. It ends by itself or when it is cancelled. `passedOn` is called after each
 * word of `steps` and resolves when the next may come.
 */
export function answer(
  schedule: Schedule,
  passedOn: () => Promise<void> = nextTurn,
): ReadableStream<UIMessageChunk> {
  switch (schedule.kind) {
    case 'paced':
      return paced(schedule.perSecond, schedule.count, () => stamp());
    case 'spoken':
      return paced(schedule.perSecond, schedule.count, word);
    case 'flood': {
      const until = performance.now() + schedule.ms;
      const isEnd = () => performance.now() >= until;
      return pulled({ isEnd, finishes: true, parts: schedule.mixed ? [part, other] : [part] });
    }
    case 'burst': {
      const isEnd = (sent: number) => sent >= schedule.count;
      return pulled({ isEnd, finishes: false, words: schedule.words ?? 1 });
    }
    case 'steps':
      return pulled({
        isEnd: (sent) => sent >= schedule.count,
        finishes: false,
        pause: passedOn,
      });
    case 'silent':
      return pulled({ isEnd: () => true, finishes: false });
  }
}

/** The schedule that a request asks for. */
export function scheduleOf(body: unknown): Schedule {
  const { schedule } = (body ?? {}) as { schedule?: Schedule };
  if (schedule === undefined) throw new Error('the request names no schedule');
  return schedule;
}
