import type { Chunk, Entry, SnapshotItem } from '@holdfast/protocol';
import { chunksOfItem, SessionProjection, segmentsOfItem } from '@holdfast/protocol/projection';
import { readUIMessageStream, type UIMessage, type UIMessageChunk } from 'ai';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createReader, type Reader } from '../../src/session/reader.ts';
import { createTranscript } from '../../src/session/transcript.ts';

type Act = {
  readonly do: 'call' | 'text' | 'step' | 'settle' | 'answer' | 'again' | 'seal';
  readonly n: number;
};

const plans = fc.record({
  acts: fc.array(
    fc.record({
      do: fc.constantFrom<Act['do']>(
        'call',
        'call',
        'text',
        'text',
        'step',
        'settle',
        'answer',
        'answer',
        'answer',
        'again',
        'seal',
      ),
      n: fc.nat(3),
    }),
    { minLength: 3, maxLength: 24, size: 'max' },
  ),
  cut: fc.nat(),
});

/** What the log may hold of one message: a run's chunks, answers in between, further attempts and runs. */
function entriesOf(acts: readonly Act[]): Entry[] {
  const at = 0;
  const by = { id: 'u', role: 'user' } as const;
  let attempt = 1;
  let run = 'r1';
  let texts = 0;
  let calls: { id: string; isSealed: boolean }[] = [];
  const start = (more: object = {}) =>
    ({
      k: 'run-start',
      run,
      attempt,
      agent: 'a',
      messageId: 'M',
      command: run,
      at,
      ...more,
    }) as Entry;
  const write = (...c: Chunk[]): Entry => ({ k: 'chunks', run, attempt, c });
  const entries: Entry[] = [
    start(),
    write({ type: 'start', messageId: 'M' }, { type: 'start-step' }),
  ];
  for (const { do: what, n } of acts) {
    const call = calls[n % Math.max(1, calls.length)];
    const toolCallId = call?.id ?? '';
    if (what === 'call') {
      const id = `${run}-${attempt}-${entries.length}`;
      calls.push({ id, isSealed: false });
      entries.push(
        write({ type: 'tool-input-available', toolCallId: id, toolName: 't', input: n }),
      );
    } else if (what === 'text') {
      const id = `t${texts++}`;
      entries.push(
        write({ type: 'text-start', id }, { type: 'text-delta', id, delta: 'a' }),
        write({ type: 'text-delta', id, delta: 'b' }, { type: 'text-end', id }),
      );
    } else if (what === 'step')
      entries.push(write({ type: 'finish-step' }, { type: 'start-step' }));
    else if (what === 'settle' && call)
      entries.push(write({ type: 'tool-output-available', toolCallId, output: `run ${n}` }));
    else if (what === 'answer' && call)
      entries.push({
        k: 'answer',
        messageId: 'M',
        chunks: [{ type: 'tool-output-available', toolCallId, output: `client ${n}` }],
        by,
        at,
      });
    else if (what === 'seal') {
      entries.push({ k: 'step', run, name: `s${entries.length}`, seals: true, at } as Entry);
      for (const each of calls) each.isSealed = true;
    } else if (what === 'again' && n === 0) {
      attempt++;
      calls = calls.filter(({ id, isSealed }) => isSealed || !id.startsWith(run));
      entries.push(start(), write({ type: 'start', messageId: 'M' }));
    } else if (what === 'again' && n === 1) {
      // Streams of a message go on while any run is live in it.
      const end = { k: 'run-end', run, attempt, outcome: 'finished', at } as Entry;
      for (const each of calls) each.isSealed = true;
      run = `${run}+`;
      attempt = 1;
      entries.push(start({ continues: true }), end, write({ type: 'start', messageId: 'M' }));
    }
  }
  return [...entries, { k: 'run-end', run, attempt, outcome: 'finished', at } as Entry];
}

async function fold(chunks: readonly Chunk[]): Promise<unknown> {
  let message: unknown;
  const stream = new ReadableStream<UIMessageChunk>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue({ ...chunk } as UIMessageChunk);
      controller.close();
    },
  });
  const states = readUIMessageStream<UIMessage>({
    stream,
    onError: (error) => {
      throw error;
    },
  });
  for await (const state of states) message = state;
  return JSON.parse(JSON.stringify(message)) as unknown;
}

const projected = (entries: readonly Entry[]): SessionProjection => {
  const projection = new SessionProjection();
  for (const entry of entries) projection.apply(entry);
  return projection;
};

/** A snapshot as the gateway makes it, over a wire. */
const snapshotOf = ({ items, runs }: SessionProjection) => ({
  runs,
  items: [...items].flatMap((item): SnapshotItem[] =>
    item.kind === 'assistant'
      ? [
          JSON.parse(
            JSON.stringify({ id: item.id, segments: segmentsOfItem(item) }),
          ) as SnapshotItem,
        ]
      : [],
  ),
});

const transcript = () =>
  createTranscript(
    (error) => {
      throw error;
    },
    () => false,
  );

async function drain(reader: Reader): Promise<Chunk[] | null> {
  const chunks: Chunk[] = [];
  reader.end();
  try {
    for await (const chunk of reader.stream as unknown as AsyncIterable<Chunk>) chunks.push(chunk);
  } catch {
    // What it was given was taken back: it says so, and a stream that is resumed begins anew.
    return null;
  }
  return chunks;
}

const whole = () => createReader({ messageId: 'M', run: null }, () => {});

test('HF-ENT-4: a message has one order, whoever shows it and since when', async () => {
  await fc.assert(
    fc.asyncProperty(plans, async ({ acts, cut }) => {
      const entries = entriesOf(acts);
      const at = cut % entries.length;
      const item = projected(entries).item('M');
      const expected = await fold(item?.kind === 'assistant' ? chunksOfItem(item) : []);

      const isPlain = acts.every((act) => act.do !== 'again' || act.n > 1);
      if (isPlain) {
        const inOrder = entries.flatMap((entry) =>
          entry.k === 'chunks' ? entry.c : entry.k === 'answer' ? entry.chunks : [],
        );
        expect(expected).toEqual(await fold(inOrder));
      }

      // A view that is begun from what was stored.
      const stored = new SessionProjection();
      const { items, runs } = snapshotOf(projected(entries.slice(0, at)));
      stored.load(items, runs);
      for (const entry of entries.slice(at)) stored.apply(entry);
      const again = stored.item('M');
      expect(await fold(again?.kind === 'assistant' ? chunksOfItem(again) : [])).toEqual(expected);

      // A stream that was there from the start, one that came in the middle, and one that was reset there.
      const followers = (['live', 'late', 'reset', 'run'] as const).map((kind) => {
        const own = transcript();
        const first = entries.slice(0, kind === 'late' ? 0 : Math.max(1, at));
        for (const entry of first.slice(0, 1)) own.apply(entry as never);
        const reader =
          kind === 'run' ? createReader({ messageId: 'M', run: 'r1' }, () => {}) : whole();
        if (kind !== 'late') own.attach(reader);
        for (const entry of first.slice(1)) own.apply(entry as never);
        const known = projected(entries.slice(0, Math.max(1, at)));
        if (kind === 'late' || kind === 'reset') {
          const snapshot = snapshotOf(known);
          own.load({ ...snapshot, through: `${at}-1` });
        }
        if (kind === 'late') own.attach(reader);
        for (const entry of entries.slice(Math.max(1, at))) own.apply(entry as never);
        return { kind, reader };
      });
      for (const { kind, reader } of followers) {
        const chunks = await drain(reader);
        if (isPlain) expect([kind, chunks === null]).toEqual([kind, false]);
        if (chunks && (isPlain || kind !== 'run')) expect(await fold(chunks)).toEqual(expected);
      }
    }),
    { numRuns: 400 },
  );
}, 60_000);
