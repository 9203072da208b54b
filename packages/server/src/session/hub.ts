import type { FeedListener, SessionFeed, StoredEntry } from '@holdfast/log';
import type { Position, Presence, ResetReason } from '@holdfast/protocol';
import type { SessionProjection } from '@holdfast/protocol/projection';
import { Few } from '../few.ts';
import { type Broadcaster, tell } from './broadcaster.ts';
import { LogCursor } from './cursor.ts';
import { messageOf } from './fold-message.ts';
import { advance, type HubListener } from './hub-listener.ts';
import type { HubContext, HubOptions } from './hub-options.ts';
import { piecesIn } from './pieces.ts';
import type { SessionPresence } from './presence.ts';
import { PresenceFrame } from './presence-frame.ts';
import type { Prompt } from './prompt.ts';
import { applySlices, type OwnEntries, promptAt, takeNote } from './prompt-at.ts';
import { FrameRing, type RingFrame } from './ring.ts';
import { isBehind, type Sight } from './sight.ts';
import { type SessionSnapshot, snapshotOf } from './snapshot.ts';
import { type CheckpointResult, noteHandedOver, storeView } from './store-view.ts';
import { SessionView } from './view.ts';
import { ViewTurns } from './view-turns.ts';
import { conversationOf, type SessionMessages, type Written } from './written.ts';

/** Pieces of long texts that a view holds, each of some 130,000 characters: who joins is sent no more. */
const mostPieces = 12;

/**
 * The knowledge of a process about one session, shared by all its readers and writers there: the newest
 * frames, encoded once, and a view that catches up with the log only when somebody asks for a
 * snapshot, so that following a session costs no folding. Keeps nothing that the log does not
 * have, and makes what it needs when there is something for it: most sessions are followed and silent.
 */
export class SessionHub implements FeedListener {
  readonly session: string;
  readonly presence: SessionPresence;
  readonly #context: HubContext;
  readonly #feed: SessionFeed;
  /** Null while nothing was delivered. */
  #ring: FrameRing | null = null;
  readonly #listeners = new Few<HubListener>();
  /** Null while one at most was to be told of something new. */
  #broadcaster: Broadcaster<HubListener> | null = null;
  readonly #turns = new ViewTurns(this);
  /** The one that has not begun yet: for all who ask meanwhile. */
  #nextSnapshot: Promise<SessionSnapshot> | null = null;
  /** Null while there were not several to tell. */
  #presence: PresenceFrame | null = null;
  /** A view with more is begun anew. */
  #mostPieces = mostPieces;

  constructor({ session, feed, presence, context }: HubOptions) {
    this.session = session;
    this.presence = presence;
    this.#context = context;
    this.#feed = feed;
    feed.listen(this);
  }

  /** Called by its feed, as the five below. */
  entries(entries: readonly StoredEntry[]): void {
    for (const entry of entries) this.#frames.push(entry);
    this.#broadcaster = tell(this.#listeners, advance, this.#broadcaster);
  }

  reset(why: ResetReason): void {
    this.#forget();
    for (const listener of this.#listeners) listener.reset(why);
  }

  deleted(): void {
    this.#forget();
    for (const listener of this.#listeners) listener.deleted();
  }

  signal(text: string): void {
    this.presence.receive(text);
  }

  /** A signal may have been lost, or one of this hub was not passed on. */
  missed(): void {
    this.presence.missed();
  }

  /** A listener that has read more than was delivered looks whether the log still has it. */
  compared(): void {
    this.#broadcaster = tell(this.#listeners, advance, this.#broadcaster);
  }

  /** Called by its turns. */
  newView(): SessionView {
    const { log, limits, kept, files } = this.#context;
    const onSkipped = (id: string) => this.#unreadable(id);
    return new SessionView(this.session, log, limits, { onSkipped, kept, files });
  }

  /** Called when the participants of the session have changed. */
  told(who: readonly Presence[]): void {
    for (const listener of this.#listeners) listener.presence?.(who);
  }

  /** Up to where frames were delivered. */
  get position(): Position {
    return this.#feed.position;
  }

  /** True when the session is known to be in the log; false also where the news of it has not come. */
  get isBegun(): boolean {
    return this.position.epoch !== '' || this.#turns.isBegun;
  }

  /** Bytes of all frames delivered so far; only differences mean something. */
  get bytes(): number {
    return this.#ring?.total ?? 0;
  }

  listen(listener: HubListener): () => void {
    this.#listeners.add(listener);
    return () => this.unlisten(listener);
  }

  /** Ends what `listen` began, for who does not keep its answer. */
  unlisten(listener: HubListener): void {
    this.#listeners.delete(listener);
  }

  /** The participants, encoded once for all followers; an only one is not told again. */
  get presenceFrame(): Buffer {
    const frame = this.#presence ?? new PresenceFrame(this.session);
    if (this.#listeners.size > 1) this.#presence = frame;
    return frame.of(this.presence.present);
  }

  /** Begins at what was delivered, or somewhere else; an empty epoch stands for a session that has not begun. */
  cursor(at: Position = this.position): LogCursor {
    return new LogCursor(this, this.#context.log, at);
  }

  /** The frames behind an entry, oldest first; null when some of them are only in the log. */
  framesAfter(id: string): readonly RingFrame[] | null {
    const top = this.#feed.position.id;
    if (this.#ring) return this.#ring.after(id, top);
    return id === top ? [] : null;
  }

  /** For who asks from a position: an entry that nobody can read is passed over. */
  encode(entry: StoredEntry): RingFrame {
    return this.#frames.encode(entry, true);
  }

  /**
   * Brings the projection up to the log's top as it is now or later and hands it to `use`, which
   * must not keep it: callers take turns, and the next one changes it. With another `sight`, the log is
   * read only when what is known here does not go so far.
   */
  project<T>(
    use: (projection: SessionProjection, at: Position, view: SessionView) => T | Promise<T>,
    sight: Sight = 'top',
  ): Promise<T> {
    return this.#turns.take(async (view) => {
      await this.#catchUp(view, sight);
      return await use(view.projection, view.position, view);
    });
  }

  /**
   * Takes note of entries that this process wrote right behind what is known here: they need not be
   * read, so that an agent starts one round trip to the log after its send.
   */
  wrote(own: OwnEntries): Promise<void> {
    return this.#turns.take((view) => takeNote(view, own));
  }

  /**
   * The same, with the messages at the last of the entries, before another turn or a checkpoint goes past it
   * (HF-POS-6).
   */
  promptWith(own: OwnEntries, run: string): Promise<Prompt | null> {
    return this.#turns.take(async (view) => {
      await takeNote(view, own);
      return view.awaited.take(run) ?? (await this.#promptAt(view, own));
    });
  }

  /** Takes down the prompt of a run that `act` writes, as soon as its start is seen. Rejects as `act` does. */
  async awaiting<T>(run: string, act: () => Promise<T>): Promise<T> {
    this.#turns.view.awaited.await(run);
    try {
      return await act();
    } finally {
      // Behind the turn of whoever asks for it.
      void this.#turns.take(async (view) => view.awaited.drop(run));
    }
  }

  /** The session at one position, as clients get it. */
  snapshot(): Promise<SessionSnapshot> {
    this.#nextSnapshot ??= this.#turns.take(async (view) => {
      // Whoever asks from now on may have written something since.
      this.#nextSnapshot = null;
      await this.#catchUp(view, 'top');
      return await snapshotOf(view, () => this.presence.present);
    });
    return this.#nextSnapshot;
  }

  /** Every message as the AI SDK's reducer makes it, live ones as far as they are: at the top. */
  messages(): Promise<SessionMessages> {
    return this.project(async ({ runs }, position, view) => {
      const all = await view.messages(0, view.end);
      return { ...conversationOf(all), runs, position };
    });
  }

  /** The same at the last of entries that this process wrote; null where the log has lost the run that it starts. */
  promptAt(own: OwnEntries): Promise<Prompt | null> {
    return this.#turns.take((view) => this.#promptAt(view, own));
  }

  /** A message by its id, also one that is not held here; null when there is none. */
  message(id: string): Promise<Written | null> {
    return this.project(async (projection, _, view) => {
      await view.reach(id);
      const item = projection.item(id);
      return item ? { message: await messageOf(item), by: item.by } : null;
    });
  }

  /** Up to where the application was told, and in which epoch (HF-RUN-25). */
  handed(): Promise<Position> {
    return this.project((_, { epoch }, view) => ({ epoch, id: view.base.handed }));
  }

  /** Stores what entries amount to, so that they can be dropped (HF-LOG-18). */
  checkpoint(): Promise<CheckpointResult> {
    return this.project((_, __, view) => storeView(this.#context.log, this.session, view));
  }

  /** Notes that the application was told up to that entry; false when it has to be tried again. */
  handOver(id: string): Promise<boolean> {
    return this.project((_, __, view) => noteHandedOver(this.#context.log, this.session, view, id));
  }

  close(): void {
    this.#feed.unlisten(this);
    this.presence.close();
    this.#listeners.clear();
    this.#turns.forget();
  }

  /** Drops what was made of entries that the log does not have any more (HF-POS-6). */
  #forget(): void {
    this.#ring?.clear();
    this.#turns.forget();
  }

  #promptAt(now: SessionView, own: OwnEntries): Promise<Prompt | null> {
    return promptAt(now, own, {
      deliver: (through) => this.#applyDelivered(now, through),
      fresh: () =>
        new SessionView(this.session, this.#context.log, this.#context.limits, {
          onSkipped: (id) => this.#unreadable(id),
        }),
    });
  }

  #unreadable(id: string): void {
    this.#context.skipped.note(this.session, id);
  }

  get #frames(): FrameRing {
    this.#ring ??= new FrameRing(this.session, (id) => this.#unreadable(id));
    return this.#ring;
  }

  async #applyDelivered(view: SessionView, through = Number.POSITIVE_INFINITY): Promise<void> {
    const { epoch } = this.position;
    const known = view.position;
    if (epoch === '' || epoch !== known.epoch) return;
    const frames = this.framesAfter(known.id) ?? [];
    const wanted = frames.filter(({ seq }) => seq <= through);
    await applySlices(view, wanted);
  }

  /** By what is at hand, where the ring reaches back far enough; else from the log. */
  async #catchUp(view: SessionView, sight: Sight): Promise<void> {
    const delivered = this.position;
    const { epoch } = delivered;
    // Where another process stores the session, it has kept them since: then little is read again.
    if (piecesIn(view.projection.items) > this.#mostPieces) view.reset();
    const isBegun = view.position.epoch === '';
    await this.#applyDelivered(view);
    if (sight === 'top') await view.readOn();
    else if (sight === 'delivered') {
      // A caller that makes do with what was delivered accepts that there is no such session.
      if (epoch !== '' && isBehind(view.position, delivered)) await view.readOn();
    } else if (view.position.epoch === '' || !view.holds(sight.id)) await view.readOn();
    if (isBegun) this.#mostPieces = Math.max(mostPieces, 2 * piecesIn(view.projection.items));
    // Who follows it is told at once, and not with the next poll.
    if (epoch !== '' && view.position.epoch !== epoch) this.#feed.check();
  }
}
