import type { RunInfo } from '@holdfast/client';
import { type ChatStatus, isToolUIPart } from 'ai';
import type { ChatMessage } from './tools.ts';

/**
 * What becomes of the last question. `asked`: nothing of an answer is there. `working`: a tool is at it.
 * `silent`: nothing new has come for a while. `ending`: somebody here pressed Stop, and it is not over yet.
 */
export type RunNow =
  | 'none'
  | 'asked'
  | 'writing'
  | 'working'
  | 'silent'
  | 'ending'
  | 'stopped'
  | 'failed'
  | 'lost';

export interface RunFacts {
  readonly status: ChatStatus;
  /** Live runs, and those of the last message. */
  readonly runs: readonly Pick<RunInfo, 'state' | 'messageId'>[];
  readonly messages: readonly ChatMessage[];
  readonly isStopping: boolean;
  readonly isSilent: boolean;
}

export function runNow({ status, runs, messages, isStopping, isSilent }: RunFacts): RunNow {
  const live = runs.filter(({ state }) => state === 'running').map(({ messageId }) => messageId);
  const last = runs.at(-1)?.state;
  // What has ended may still be painted.
  const isPainted = status === 'streaming' && live.length === 0 && last !== undefined;
  const isBusy = live.length > 0 || status === 'submitted' || status === 'streaming';
  if (!isBusy || isPainted) return endedAs(last);
  if (isStopping) return 'ending';
  const isWorking = messages.some(({ id, parts }) => live.includes(id) && parts.some(isAtWork));
  if (isWorking) return 'working';
  if (isSilent) return 'silent';
  const hasBegun = messages.some(({ id, parts }) => live.includes(id) && parts.length > 0);
  return status === 'streaming' || hasBegun ? 'writing' : 'asked';
}

const isAtWork = (part: ChatMessage['parts'][number]): boolean =>
  isToolUIPart(part) && part.state === 'input-available';

const endedAs = (state: RunInfo['state'] | undefined): RunNow =>
  state === undefined || state === 'running' || state === 'finished' ? 'none' : state;

/** Whether an answer is under way, as far as this page knows. */
export const isUnderWay = (run: RunNow): boolean =>
  run === 'asked' || run === 'writing' || run === 'working' || run === 'silent' || run === 'ending';
