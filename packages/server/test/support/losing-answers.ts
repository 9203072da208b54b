import type { SendOutcome, SessionLog } from '@holdfast/log';
import { HoldfastError } from '@holdfast/protocol';
import { onTestFinished, vi } from 'vitest';
import { changed } from './logs.ts';
import { userMessage } from './server.ts';

export const away = (): HoldfastError =>
  new HoldfastError('unavailable', 'unable to reach the log: no answer');

type State = 'up' | 'unsure' | 'cut';

interface LosingAnswers {
  readonly log: SessionLog;
  become(next: State): void;
}

/** Of a send, the log takes it and its answer is lost; time flies as long as that goes on. */
export function losingAnswers(log: SessionLog): LosingAnswers {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  let state: State = 'up';
  const send: SessionLog['send'] = async (session, command): Promise<SendOutcome> => {
    if (state !== 'cut') {
      const outcome = await log.send(session, command);
      if (state === 'up') return outcome;
    }
    vi.advanceTimersByTime(3_000);
    throw away();
  };
  const command: SessionLog['command'] = async (session, id) => {
    if (state === 'up') return await log.command(session, id);
    vi.advanceTimersByTime(3_000);
    throw away();
  };
  return {
    log: changed(log, { send, command }),
    become: (next) => {
      state = next;
    },
  };
}

/** The first send of a session. */
export const hello = (id: string): object => ({
  id,
  command: 'c1',
  trigger: 'submit-message',
  message: userMessage('m1', 'Hi'),
});
