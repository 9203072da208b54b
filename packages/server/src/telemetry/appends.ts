import type { AppendOutcome } from '@holdfast/log';
import { instruments } from './metrics.ts';

/** One for each answer, made once. */
const attributes = Object.fromEntries(
  ['appended', 'duplicate', 'gap', 'fenced', 'closed', 'unknown', 'full', 'failed'].map(
    (outcome) => [outcome, { outcome }],
  ),
);

/** Counts an append, and how long it takes. Where nobody collects it only does it. */
export function measuredAppend(
  now: () => number,
  body: string,
  append: () => Promise<AppendOutcome>,
): Promise<AppendOutcome> {
  const made = instruments();
  if (!made) return append();
  const since = now();
  return append().then(
    (answer) => {
      made.appends.add(1, attributes[answer.kind]);
      if (answer.kind === 'appended') made.appendBytes.add(body.length);
      made.appendDuration.record((now() - since) / 1_000);
      return answer;
    },
    (error: unknown) => {
      made.appends.add(1, attributes.failed);
      throw error;
    },
  );
}
