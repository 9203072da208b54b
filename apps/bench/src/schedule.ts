import type { UIMessageChunk } from 'ai';
import { stamp, word } from './tokens.ts';

/**
 * What an agent writes, the same for every side.
 * `paced`: stamps, the first at once, then evenly. `flood`: words as fast as they are taken, for a
 * time. `burst`: so many words as fast as they are taken, and then the answer stays unfinished.
 * `steps`: the same, but each word waits until the one before it was passed on, so that none are
 * joined. `silent`: an answer that has begun and says nothing.
 */
export type Schedule =
  | { readonly kind: 'paced'; readonly perSecond: number; readonly count: number }
  | { readonly kind: 'flood'; readonly ms: number }
  | { readonly kind: 'burst' | 'steps'; readonly count: number }
  | { readonly kind: 'silent' };

const id = 'text';
const delta = (text: string): UIMessageChunk => ({ type: 'text-delta', id, delta: text });
const opening: readonly UIMessageChunk[] = [{ type: 'start' }, { type: 'text-start', id }];
const ending: readonly UIMessageChunk[] = [{ type: 'text-end', id }, { type: 'finish' }];

/** A model's answer comes in reads of the network; between two of them the process does other work. */
const chunksPerRead = 100;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

type Controller = ReadableStreamDefaultController<UIMessageChunk>;

function write(controller: Controller, chunks: readonly UIMessageChunk[]): void {
  for (const chunk of chunks) controller.enqueue(chunk);
}

function paced(perSecond: number, count: number): ReadableStream<UIMessageChunk> {
  let timer: NodeJS.Timeout | undefined;
  return new ReadableStream({
    start(controller) {
      const interval = 1_000 / perSecond;
      const begun = performance.now();
      let sent = 0;
      const step = () => {
        // A late timer makes up for what was due, so that every side carries the same load.
        const due = Math.min(count, 1 + Math.floor((performance.now() - begun) / interval));
        for (; sent < due; sent++) controller.enqueue(delta(stamp()));
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

function pulled(
  isEnd: (sent: number) => boolean,
  finishes: boolean,
  pause: (sent: number) => Promise<void> | undefined = readByRead,
): ReadableStream<UIMessageChunk> {
  let sent = 0;
  let wake: (() => void) | undefined;
  return new ReadableStream({
    start: (controller) => write(controller, opening),
    pull(controller) {
      if (isEnd(sent)) {
        if (!finishes)
          return new Promise((resolve) => {
            wake = resolve;
          });
        write(controller, ending);
        controller.close();
        return undefined;
      }
      controller.enqueue(delta(word(sent++)));
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
      return paced(schedule.perSecond, schedule.count);
    case 'flood': {
      const end = performance.now() + schedule.ms;
      return pulled(() => performance.now() >= end, true);
    }
    case 'burst':
      return pulled((sent) => sent >= schedule.count, false);
    case 'steps':
      return pulled((sent) => sent >= schedule.count, false, passedOn);
    case 'silent':
      return pulled(() => true, false);
  }
}

/** The schedule that a request asks for. */
export function scheduleOf(body: unknown): Schedule {
  const { schedule } = (body ?? {}) as { schedule?: Schedule };
  if (schedule === undefined) throw new Error('the request names no schedule');
  return schedule;
}
