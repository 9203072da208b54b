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

/** Texts by the digests of their files. */
type Texts = Map<string, string>;

/** What was loaded of each message, by the models of their sessions. */
const loaded = new WeakMap<object, Map<string, Texts>>();

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

/** What was loaded stays where a snapshot takes the place of all that is held, and has references again (HF-CLI-9). */
function loadedOf<UI_MESSAGE extends UIMessage>(
  context: SyncContext<UI_MESSAGE>,
  ports: WholePorts,
): Map<string, Texts> {
  const { session, model } = context;
  const known = loaded.get(model);
  if (known) return known;
  const all = new Map<string, Texts>();
  loaded.set(model, all);
  let { snapshots } = model;
  // Told before anything of a snapshot is shown.
  const end = session.subscribe(() => {
    if (ports.isStopped()) end();
    else if (model.snapshots > snapshots) {
      ({ snapshots } = model);
      for (const id of all.keys())
        if (model.projection.item(id)?.kind !== 'assistant') all.delete(id);
        else loadWhole(context, id, ports).catch(session.report);
    }
  });
  return all;
}

async function load<UI_MESSAGE extends UIMessage>(
  context: SyncContext<UI_MESSAGE>,
  id: string,
  ports: WholePorts,
): Promise<void> {
  const { session, model, schedule } = context;
  const all = loadedOf(context, ports);
  const texts: Texts = all.get(id) ?? new Map();
  for (;;) {
    const item = model.projection.item(id);
    if (item?.kind !== 'assistant' || ports.isStopped()) return;
    const missing = item.segments
      .flatMap(({ fold }) => fold.chunks)
      .filter(isReferring)
      .filter(({ delta }) => !texts.has(delta.$holdfast));
    if (missing.length === 0) break;
    for (const [at, { delta }] of (
      await session.fetched(missing.map((chunk) => ({ ...chunk })))
    ).entries()) {
      if (typeof delta !== 'string')
        throw ports.unable('unavailable', 'load a text: a piece of it cannot be had');
      texts.set((missing[at] as Referring).delta.$holdfast, delta);
    }
  }
  const item = model.projection.item(id);
  // A stream that shows all of it goes on.
  if (item?.kind !== 'assistant' || !fill(item.segments, texts)) return;
  all.set(id, texts);
  fill(session.held()?.get(id) ?? [], texts);
  item.version++;
  session.reopen(id);
  schedule();
}

/** True where some of them were missing. */
function fill(segments: readonly WrittenSegment[], texts: ReadonlyMap<string, string>): boolean {
  let isFilled = false;
  for (const { fold } of segments)
    for (const [at, chunk] of fold.chunks.entries()) {
      const delta = isReferring(chunk) && texts.get(chunk.delta.$holdfast);
      if (typeof delta !== 'string') continue;
      // Which of them are pieces is for servers to know.
      (fold.chunks as Chunk[])[at] = { ...chunk, delta };
      isFilled = true;
    }
  return isFilled;
}
