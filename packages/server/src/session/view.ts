import type { SessionLog, StoredEntry } from '@holdfast/log';
import { HoldfastError, origin, type Position, seqOf } from '@holdfast/protocol';
import { SessionProjection } from '@holdfast/protocol/projection';
import { AppliedIds } from './applied-ids.ts';
import { AwaitedPrompts } from './awaited-prompts.ts';
import { CheckpointBase } from './checkpoint-base.ts';
import { type CheckpointDraft, checkpointDraft, firstOpen } from './checkpoint-draft.ts';
import { entryOf } from './entry-of.ts';
import { messageOf } from './fold-message.ts';
import { olderItems } from './older-items.ts';
import { Pieces } from './pieces.ts';
import { type Prompt, promptOf } from './prompt.ts';
import { readOpened } from './stored-item.ts';
import { storedMessages } from './stored-messages.ts';
import { KeptPrefixes, StoredPrefix } from './stored-prefix.ts';
import type { ViewLimits, ViewOptions } from './view-options.ts';
import type { Written } from './written.ts';

/** Entries of one read: neither the event loop nor the store is held for longer than that. */
const page = 500;
/** The store changed while it was read; that often in a row it is something else. */
const maxOpenings = 5;

const storedAnew =
  'unable to read the session: it is stored anew faster than it can be read; try again';

/**
 * A session at one position, as a process knows it: its newest messages and its runs, begun from
 * what the log has stored and carried on by entries. Older messages stay in the log and are read when
 * they are asked for. Not safe for use by two callers at once: the hub lets them take turns.
 */
export class SessionView {
  readonly projection: SessionProjection = new SessionProjection();
  /** The part of it that the log has stored. */
  readonly base: CheckpointBase = new CheckpointBase();
  readonly awaited: AwaitedPrompts = new AwaitedPrompts();
  readonly #session: string;
  readonly #log: SessionLog;
  readonly #limits: ViewLimits;
  readonly #onSkipped: (id: string) => void;
  #position: Position = { epoch: '', id: origin };
  /** Place of the oldest message that the projection holds. */
  #start = 0;
  /** Live runs that were asked to stop. */
  readonly #stopping = new Set<string>();
  readonly #applied = new AppliedIds();
  readonly #prefix: StoredPrefix;
  readonly #pieces: Pieces;

  constructor(
    session: string,
    log: SessionLog,
    limits: ViewLimits,
    { onSkipped = () => {}, kept = new KeptPrefixes(), files }: ViewOptions = {},
  ) {
    this.#prefix = new StoredPrefix(log, session, kept);
    this.#onSkipped = onSkipped;
    this.#pieces = new Pieces(session, files);
    this.#session = session;
    this.#log = log;
    this.#limits = limits;
  }

  get position(): Position {
    return this.#position;
  }

  get start(): number {
    return this.#start;
  }

  /** Where a snapshot begins: a page back, or at the oldest message that is open. */
  get pageStart(): number {
    return Math.max(this.#start, Math.min(this.#firstOpen(), this.end - this.#limits.pageMessages));
  }

  /** The place behind the last message. */
  get end(): number {
    return this.#start + this.projection.size;
  }

  /**
   * True when that entry is at `position` or in front of it. False also where it is too far back to tell: a
   * number would not do, because another log may have it for another entry.
   */
  holds(id: string): boolean {
    return id === this.#position.id || this.#applied.has(id);
  }

  /** Forgets everything; the next `readOn` begins from what the log has stored. */
  reset(): void {
    this.projection.load([], []);
    this.base.reset();
    this.#stopping.clear();
    this.#position = { epoch: '', id: origin };
    this.#start = 0;
    this.#applied.clear();
    this.#prefix.clear();
    this.awaited.forget();
  }

  /** A session that was not there begins, with nothing in it. */
  begin(epoch: string): void {
    this.reset();
    this.#position = { epoch, id: origin };
  }

  /** Goes on by entries that are at hand; they must be those behind `position`. */
  async apply(entries: readonly Pick<StoredEntry, 'id' | 'body'>[]): Promise<void> {
    if (!(await this.#applyAll(entries))) this.reset();
  }

  /**
   * Goes on to the log's top, or no further than where that entry stands. Rejects with the log's error.
   */
  async readOn(last?: string): Promise<void> {
    const through = last === undefined ? Number.POSITIVE_INFINITY : seqOf(last);
    for (let openings = 0; openings < maxOpenings; ) {
      if (this.#position.epoch === '') {
        openings++;
        const opened = await this.#open(through);
        if (opened === 'missing' || opened === 'at the top') return;
        if (opened === 'changed') continue;
      }
      const after = this.#position;
      const read = await this.#log.read(this.#session, { after, limit: page });
      if (read.kind !== 'entries') {
        this.reset();
        continue;
      }
      const entries = read.entries.filter(({ id }) => seqOf(id) <= through);
      if (!(await this.#applyAll(entries))) this.reset();
      else if (entries.length < read.entries.length) return;
      else if (read.entries.length === 0 || this.#position.id === read.top) return;
    }
    throw new HoldfastError('unavailable', storedAnew);
  }

  /**
   * Extends what is held back to a message; false when the session does not have it. Goes on to the log's top
   * where another process has stored more meanwhile. Rejects with the log's error.
   */
  async reach(id: string): Promise<boolean> {
    for (let tries = 0; tries < maxOpenings; tries++) {
      if (this.projection.item(id)) return true;
      if (this.#start === 0) return false;
      const extended = await this.#extendTo(id);
      if (extended !== 'changed') return extended === 'reached';
      this.reset();
      await this.readOn();
    }
    throw new HoldfastError('unavailable', storedAnew);
  }

  /** True when an older message than those held has this id. */
  async hasOlder(id: string): Promise<boolean> {
    if (this.#start === 0 || this.#prefix.lacks(id, this.#start)) return false;
    const found = await this.#log.find(this.#session, id);
    return found !== null && found.at < this.#start;
  }

  /** The messages at places `begin` to `end` - 1, with those that are not shown. */
  async messages(begin: number, end: number): Promise<readonly Written[]> {
    const messages: Written[] = [];
    const older = storedMessages(this.#log, this.#session, begin, Math.min(end, this.#start));
    for await (const written of older) messages.push(written);
    let place = this.#start;
    for (const item of [...this.projection.items]) {
      if (place >= begin && place < end)
        messages.push({ message: await messageOf(item), by: item.by });
      place++;
    }
    return messages;
  }

  /** The messages up to the one at place `end` - 1, and others behind it, as agents are given them. Older ones are read once. */
  async prompt(end: number = this.end, others: readonly Written[] = []): Promise<Prompt> {
    const older = end < this.#start ? null : await this.#prefix.through(this.#start, this.#knows);
    return promptOf(older, await this.messages(older ? this.#start : 0, end), others);
  }

  /**
   * A draft of what to store now; null when the log has everything already. Pieces of long texts are kept first.
   * Rejects with the log's error.
   */
  async draft(): Promise<CheckpointDraft | null> {
    await this.#pieces.keep(this.projection.items);
    const keep = this.#firstOpen();
    const draft = await checkpointDraft(
      {
        projection: this.projection,
        position: this.#position,
        start: this.#start,
        keep,
        stopping: this.#stopping,
        openMessages: this.#limits.openMessages,
      },
      this.base,
    );
    if (!draft) return null;
    const { command } = draft;
    const done = () => {
      draft.settle();
      this.#forget(keep);
      this.base.took(command, this.projection.items);
    };
    return { command, done };
  }

  /** True when a live run was asked to stop. */
  isStopping(run: string): boolean {
    return this.#stopping.has(run);
  }

  /** True where what the log has stored up to an entry is what the view has in front of its own. */
  readonly #knows = (checkpoint: string): boolean =>
    checkpoint === this.base.checkpoint || this.holds(checkpoint);

  /** Holds messages from another place on. */
  #begin(start: number): void {
    this.#start = start;
    this.#prefix.opened(start);
  }

  #firstOpen(): number {
    const at = firstOpen(this.projection, this.#limits.openMessages);
    return at < 0 ? this.end : this.#start + at;
  }

  /** Keeps a page and what is open; a little more, so that not every checkpoint forgets. */
  #forget(keep: number): void {
    const { pageMessages } = this.#limits;
    const count = Math.min(keep, this.end - pageMessages) - this.#start;
    const gone = count >= pageMessages ? count : 0;
    this.projection.forget(gone);
    this.#start += gone;
  }

  async #open(through: number): Promise<'missing' | 'changed' | 'at the top' | 'opened'> {
    const { pageMessages } = this.#limits;
    const opened = await this.#log.open(this.#session, { limit: pageMessages });
    if (opened === null) return 'missing';
    const { items, runs, queue, operator, steps, stopping } = readOpened(opened);
    for (const run of stopping) this.#stopping.add(run);
    this.projection.load(await this.#pieces.withWindow(items), runs, queue, operator, steps);
    this.#position = { epoch: opened.epoch, id: opened.checkpoint };
    this.#start = opened.count - items.length;
    this.base.opened(opened, this.#firstOpen(), this.projection.items);
    const entries = opened.entries.filter(({ id }) => seqOf(id) <= through);
    if (!(await this.#applyAll(entries, true))) {
      this.reset();
      return 'changed';
    }
    this.#pieces.leave(this.projection.items);
    if (entries.length < opened.entries.length) return 'at the top';
    return this.#position.id === opened.top ? 'at the top' : 'opened';
  }

  /** False when the view has to be begun anew from what is stored: never where it was begun by the same reading. */
  async #applyAll(
    entries: readonly Pick<StoredEntry, 'id' | 'body'>[],
    isBegun = false,
  ): Promise<boolean> {
    const { epoch } = this.#position;
    for (const { id, body } of entries) {
      const entry = entryOf(body);
      // What is stored of a session has the beginning that it was made with, so that one is not among its entries.
      const isSeed = entry?.k === 'seed';
      // Only the first entry of a session can be that: another one would have it begun anew for ever.
      if (isSeed && !isBegun && seqOf(id) === 1) return false;
      if (entry === null || isSeed) this.#onSkipped(id);
      const missed = this.#start > 0 && entry ? this.projection.misses(entry) : null;
      if (missed !== null && (await this.#extendTo(missed)) === 'changed') return false;
      if (entry) this.projection.apply(entry);
      if (entry?.k === 'cancel' && this.projection.run(entry.run)?.state === 'running')
        this.#stopping.add(entry.run);
      if (entry?.k === 'run-end') this.#stopping.delete(entry.run);
      // Older messages that are not held are cut off as well.
      if (entry?.k === 'truncate' && entry.after === null) this.#begin(0);
      this.#position = { epoch, id };
      this.#applied.push(id);
      this.base.applied(body);
      if (entry && this.awaited.begins(entry)) await this.awaited.note(entry, () => this.prompt());
    }
    return true;
  }

  /** `changed`: the log has stored more meanwhile, so that what is held and what is read differ. */
  async #extendTo(id: string): Promise<'reached' | 'absent' | 'changed'> {
    const { pageMessages } = this.#limits;
    const { checkpoint } = this.base;
    const from = { start: this.#start, checkpoint, pageMessages };
    const older = await olderItems(this.#log, this.#session, id, from);
    if (typeof older === 'string') return older;
    this.projection.prepend(await this.#pieces.withWindow(older.items), older.runs);
    this.base.marks.add(older.items.flatMap((item) => this.projection.item(item.id) ?? []));
    this.#begin(older.begin);
    return this.projection.item(id) ? 'reached' : 'absent';
  }
}
