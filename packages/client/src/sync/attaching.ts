import type { UIMessage } from 'ai';
import { isUnderWay } from '../session/own-send.ts';
import { createTimers } from '../timers.ts';
import type { SyncContext } from './context.ts';
import { isBusy, type Streams } from './streams.ts';
import { withoutSeeds } from './tool-parts.ts';

/** A chat that says it is busy though nothing of it is under way is looked at again this often. */
const looks = 8;
const lookMs = 10;

/** A stream for a run is asked for at most this often, with these pauses before, in ms: not for ever. */
const pausesMs: readonly number[] = [0, 1_000, 4_000];

/** Gives a chat the stream of the run that is live, unless it has one or the user wants none. */
export interface Attaching {
  look(): void;
  stop(): void;
}

export function createAttaching<UI_MESSAGE extends UIMessage>(
  { chat, port, session, model, environment, schedule }: SyncContext<UI_MESSAGE>,
  streams: Streams,
): Attaching {
  const timers = createTimers<'look'>(environment);
  const { now } = environment;
  /** The run whose stream was asked for, how often, and when. */
  let asked = { run: '', tries: 0, at: 0 };
  let looked = 0;

  return {
    look: () => {
      const run = model.liveRuns.at(-1);
      timers.clear();
      if (!run || !session.isLive || session.left.includes(run.command)) return;
      // A stream would take the chat's error away before anybody has read it; the run is folded instead.
      if (chat.status === 'error') return;
      // Until its first word a resumed run does not make a chat busy, and another one would take the
      // stream's place: the SDK would abort it, which is a stop.
      if ([...session.acts].some(isUnderWay) || streams.read().length > 0) {
        looked = 0;
        return;
      }
      if (isBusy(chat)) {
        // A stream was read to its end, and the chat is about to take note of it.
        if (looked < looks) timers.set('look', lookMs * 2 ** looked++, schedule);
        return;
      }
      if (asked.run !== run.run) asked = { run: run.run, tries: 0, at: 0 };
      const pauseMs = pausesMs[asked.tries];
      if (pauseMs === undefined) return;
      // A clock that was set back is not waited for.
      const leftMs = pauseMs - Math.abs(now() - asked.at);
      if (leftMs > 0) {
        timers.set('look', leftMs, schedule);
        return;
      }
      asked = { ...asked, tries: asked.tries + 1, at: now() };
      port.write((live) => {
        const last = live.at(-1);
        const bare = last?.id === run.messageId ? withoutSeeds(last) : last;
        return bare && bare !== last ? [...live.slice(0, -1), bare] : live;
      });
      chat.resumeStream().then(schedule, schedule);
    },
    stop: timers.clear,
  };
}
