import type { Chunk, TextReference } from '@holdfast/protocol';
import type { WrittenSegment } from '@holdfast/protocol/projection';
import type { UIMessage } from 'ai';
import type { unable } from '../errors.ts';
import type { SyncContext } from './context.ts';

// Loaded with the first text whose front is asked for. It imports nothing that the page has already, so that it is one
// piece for every bundler.

type Referring = Chunk & { readonly delta: TextReference };

const isReferring = (chunk: Chunk): chunk is Referring =>
  typeof chunk.delta === 'object' && chunk.delta !== null;

export interface WholePorts {
  readonly isStopped: () => boolean;
  readonly unable: typeof unable;
}

/** Messages whose texts are being loaded, by the models of their sessions. */
const underWay = new WeakMap<object, Map<string, Promise<void>>>();

/**
 * Puts the pieces of a message's texts in their places that are not here; rejects where one cannot be had. A call for
 * the same message while another is under way shares its outcome.
 */
export function loadWhole<UI_MESSAGE extends UIMessage>(
  context: SyncContext<UI_MESSAGE>,
  id: string,
  ports: WholePorts,
): Promise<void> {
  const all = underWay.get(context.model) ?? new Map<string, Promise<void>>();
  underWay.set(context.model, all);
  const whole = all.get(id) ?? load(context, id, ports).finally(() => all.delete(id));
  all.set(id, whole);
  return whole;
}

async function load<UI_MESSAGE extends UIMessage>(
  { session, model, schedule }: SyncContext<UI_MESSAGE>,
  id: string,
  { isStopped, unable }: WholePorts,
): Promise<void> {
  const texts = new Map<string, string>();
  for (;;) {
    const item = model.projection.item(id);
    if (item?.kind !== 'assistant' || isStopped()) return;
    const missing = item.segments
      .flatMap(({ fold }) => fold.chunks)
      .filter(isReferring)
      .filter(({ delta }) => !texts.has(delta.$holdfast));
    if (missing.length === 0) break;
    for (const [at, { delta }] of (
      await session.fetched(missing.map((chunk) => ({ ...chunk })))
    ).entries()) {
      if (typeof delta !== 'string')
        throw unable('unavailable', 'load a text: a piece of it cannot be had');
      texts.set((missing[at] as Referring).delta.$holdfast, delta);
    }
  }
  // A stream that shows all of it goes on.
  if (texts.size === 0) return;
  fill(session.held()?.get(id) ?? [], texts);
  const item = model.projection.item(id);
  if (item?.kind !== 'assistant') return;
  fill(item.segments, texts);
  item.version++;
  session.reopen(id);
  schedule();
}

function fill(segments: readonly WrittenSegment[], texts: ReadonlyMap<string, string>): void {
  for (const { fold } of segments)
    for (const [at, chunk] of fold.chunks.entries()) {
      const delta = isReferring(chunk) && texts.get(chunk.delta.$holdfast);
      // Which of them are pieces is for servers to know.
      if (typeof delta === 'string') (fold.chunks as Chunk[])[at] = { ...chunk, delta };
    }
}
