import type { Entry, SnapshotItem } from '@holdfast/protocol';
import { SessionProjection, segmentsOfItem } from '@holdfast/protocol/projection';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTranscript } from '../../src/session/transcript.ts';

interface Act {
  readonly do: 'send' | 'end' | 'cut';
  readonly n: number;
}

const acts = fc.array(
  fc.record({ do: fc.constantFrom<Act['do']>('send', 'send', 'send', 'end', 'cut'), n: fc.nat() }),
  { minLength: 4, maxLength: 30 },
);

/** A session of sends, ends of runs, and edits that cut it off behind any message, or all of it. */
function entriesOf(plan: readonly Act[]): Entry[] {
  const at = 0;
  const entries: Entry[] = [];
  const order: string[] = [];
  const live: string[] = [];
  for (const [turn, { do: what, n }] of plan.entries()) {
    const run = `r${turn}`;
    if (what === 'send') {
      const message = { id: `u${turn}`, role: 'user', parts: [] };
      const messageId = `a${turn}`;
      entries.push({ k: 'message', message, by: { id: 'u', role: 'user' }, at });
      entries.push({ k: 'run-start', run, attempt: 1, agent: 'a', messageId, command: run, at });
      entries.push({ k: 'chunks', run, attempt: 1, c: [{ type: 'start', messageId }] });
      order.push(message.id, messageId);
      live.push(run);
    } else if (what === 'end') {
      const [ended] = live.splice(n % Math.max(1, live.length), 1);
      if (ended)
        entries.push({ k: 'run-end', run: ended, attempt: 1, outcome: 'finished', at } as Entry);
    } else {
      order.length = n % (order.length + 1);
      entries.push({ k: 'truncate', after: order.at(-1) ?? null, at });
    }
  }
  return entries;
}

/** The newest messages, as the gateway gives them: at least so many, and from the oldest that is live. */
function snapshotOf({ items, runs, liveRuns }: SessionProjection, page: number) {
  const all = [...items];
  const isLive = ({ id }: { readonly id: string }) =>
    liveRuns.some(({ messageId }) => messageId === id);
  const oldest = all.findIndex(isLive);
  const begin = Math.max(0, all.length - page);
  return {
    runs,
    through: '1-1',
    items: all
      .slice(oldest < 0 ? begin : Math.min(begin, oldest))
      .map(
        (item): SnapshotItem =>
          item.kind === 'assistant'
            ? { id: item.id, segments: segmentsOfItem(item) }
            : { id: item.id, message: item.message },
      ),
  };
}

const shownBy = (runs: readonly { readonly messageId: string }[], ids: ReadonlySet<string>) =>
  runs.map(({ messageId }) => messageId).filter((id) => ids.has(id));

test('HF-ENT-6: who has the newest messages only knows all the same which replies a cut leaves', () => {
  const cases = fc.record({ plan: acts, joined: fc.nat(), page: fc.integer({ min: 1, max: 6 }) });
  fc.assert(
    fc.property(cases, ({ plan, joined, page }) => {
      const entries = entriesOf(plan);
      const log = new SessionProjection();
      const before = joined % (entries.length + 1);
      for (const entry of entries.slice(0, before)) log.apply(entry);
      const transcript = createTranscript(
        (error) => {
          throw error;
        },
        () => false,
      );
      transcript.load(snapshotOf(log, page));
      for (const entry of entries.slice(before)) {
        log.apply(entry);
        transcript.apply({ ...entry });
        const ids = new Set([...log.items].map(({ id }) => id));
        expect(transcript.liveRuns().map(({ messageId }) => messageId)).toEqual(
          shownBy(log.liveRuns, ids),
        );
      }
    }),
    { numRuns: 300 },
  );
});
