import type { AppendOutcome } from '@holdfast/log';
import { instruments } from './metrics.ts';
import { measured } from './process-wide.ts';

/** The time of one append in so many is told: telling it costs more than all else that is counted of one. */
const timedEvery = 8;

/** Counts an append, and tells how long some take. Where nobody collects it only does it. */
export function measuredAppend(
  now: () => number,
  body: string,
  append: () => Promise<AppendOutcome>,
): Promise<AppendOutcome> {
  const made = instruments();
  if (!made) return append();
  const isTimed = measured.appended.count++ % timedEvery === 0;
  const since = isTimed ? now() : 0;
  return append().then(
    (answer) => {
      count(answer.kind);
      if (answer.kind === 'appended') measured.appended.bytes += Buffer.byteLength(body);
      if (isTimed) made.appendDuration.record((now() - since) / 1_000);
      return answer;
    },
    (error: unknown) => {
      count('failed');
      throw error;
    },
  );
}

const count = (outcome: string): void => {
  measured.appends.set(outcome, (measured.appends.get(outcome) ?? 0) + 1);
};
