import { idBehind, idsBehind, nonceOf } from '../chain.ts';
import type { Delivery } from '../contract/deliveries.ts';
import type { Head, LiveRun, NewEntry, StoredEntry } from '../contract/entries.ts';
import type { CheckpointCommand, NewItem, Opened, SeedCommand } from '../contract/messages.ts';
import type { KnownCommand, SendCommand } from '../contract/sends.ts';
import { type KeyRing, unreadable } from './key-ring.ts';

/**
 * Seals and opens the texts of one session. Each is bound to what it is, and to where it stands, so that
 * none can be read in the place of another:
 *
 *   entry     epoch, the entry before it, the nonce of its id
 *   run, kept epoch, the id of the run
 *   message   epoch, its place
 *   state     epoch, checkpoint, how many messages are stored
 *   signal    nothing more: it is kept nowhere
 */
export class Envelope {
  readonly #ring: KeyRing;
  readonly #session: string;

  constructor(ring: KeyRing, session: string) {
    this.#ring = ring;
    this.#session = session;
  }

  #seal(text: string, ...place: readonly (string | number)[]): Promise<string> {
    return this.#ring.seal(this.#session, text, JSON.stringify(place));
  }

  #open(text: string, ...place: readonly (string | number)[]): Promise<string> {
    return this.#ring.open(this.#session, text, JSON.stringify(place));
  }

  sealSignal(text: string): Promise<string> {
    return this.#seal(text, 'signal');
  }

  openSignal(text: string): Promise<string> {
    return this.#open(text, 'signal');
  }

  async sealEntry(
    { nonce, body }: NewEntry,
    epoch: string,
    prev: string,
  ): Promise<Required<NewEntry>> {
    return {
      nonce,
      body: await this.#seal(body, 'entry', epoch, prev, nonceOf(idBehind(prev, nonce))),
      behind: { epoch, id: prev },
    };
  }

  /** Each is bound to the one before. */
  async sealEntries(
    entries: readonly NewEntry[],
    { epoch, id }: { readonly epoch: string; readonly id: string },
  ): Promise<{ readonly sealed: readonly NewEntry[]; readonly top: string }> {
    const ids = [id, ...idsBehind(id, entries)];
    const sealed = entries.map((entry, at) => this.sealEntry(entry, epoch, ids[at] ?? id));
    return { sealed: await Promise.all(sealed), top: ids.at(-1) ?? id };
  }

  openBody(body: string, epoch: string, prev: string, id: string): Promise<string> {
    return this.#open(body, 'entry', epoch, prev, nonceOf(id));
  }

  /** Entries that follow `from` without a gap; it is what they are read behind. */
  async openEntries(
    entries: readonly StoredEntry[],
    { epoch, from, top }: { readonly epoch: string; readonly from: string; readonly top: string },
  ): Promise<readonly StoredEntry[]> {
    let last = from;
    for (const { id, prev } of entries) {
      if (prev !== last) throw unreadable('entries are missing, or what is stored was changed');
      last = id;
    }
    if (entries.length === 0 && from !== top)
      throw unreadable('entries are missing, or what is stored was changed');
    return await Promise.all(
      entries.map(async ({ id, prev, body }) => ({
        id,
        prev,
        body: await this.openBody(body, epoch, prev, id),
      })),
    );
  }

  async openHead<Known extends Head>(head: Known): Promise<Known> {
    const runs = head.runs.map((run) => this.openRun(run, head.epoch));
    return { ...head, runs: await Promise.all(runs) };
  }

  async openRun<Known extends LiveRun>(run: Known, epoch: string): Promise<Known> {
    return {
      ...run,
      info: await this.#open(run.info, 'run', epoch, run.run),
      kept: run.kept && (await this.#open(run.kept, 'kept', epoch, run.run)),
    };
  }

  /** The command as the store gets it, with the entry that will be the newest. */
  async sealSend(
    command: SendCommand,
    behind: { readonly epoch: string; readonly id: string },
  ): Promise<{ readonly sealed: SendCommand; readonly top: string; readonly stopped: string }> {
    const { entries, run } = command;
    const { sealed, top } = await this.sealEntries(entries, behind);
    if (!run) return { sealed: { ...command, entries: sealed }, top, stopped: top };
    const info = await this.#seal(run.info, 'run', behind.epoch, run.run);
    const kept = run.kept && { kept: await this.#seal(run.kept, 'kept', behind.epoch, run.run) };
    const stopped = await this.sealEntry(run.stopped, behind.epoch, top);
    return {
      sealed: { ...command, entries: sealed, run: { ...run, ...kept, info, stopped } },
      top,
      stopped: idBehind(top, run.stopped.nonce),
    };
  }

  async openCommand<Known extends KnownCommand>(known: Known): Promise<Known> {
    const { run, epoch } = known;
    if (!run) return known;
    return { ...known, run: { ...run, info: await this.#open(run.info, 'run', epoch, run.run) } };
  }

  /** Messages are found by a digest of their key that who has not the key cannot try names against. */
  async sealItem<Item extends NewItem>(item: Item, epoch: string, at: number): Promise<Item> {
    const [id = ''] = this.#ring.ids;
    const [key, body] = await Promise.all([
      this.#ring.digest(id, this.#session, item.key),
      this.#seal(item.body, 'message', epoch, at),
    ]);
    return { ...item, key, body };
  }

  /** The last of them stands in front of `end`. */
  openItems(bodies: readonly string[], epoch: string, end: number): Promise<readonly string[]> {
    const first = end - bodies.length;
    return Promise.all(bodies.map((body, at) => this.#open(body, 'message', epoch, first + at)));
  }

  async sealSeed({ items, entry, state = '' }: SeedCommand, epoch: string): Promise<SeedCommand> {
    const sealedEntry = await this.sealEntry(entry, epoch, '0-0');
    return {
      items: await Promise.all(items.map((item, at) => this.sealItem(item, epoch, at))),
      entry: sealedEntry,
      state: await this.sealState(state, epoch, idBehind('0-0', entry.nonce), items.length),
    };
  }

  async sealCheckpoint(command: CheckpointCommand, state: string): Promise<CheckpointCommand> {
    const { epoch, through, count, changes } = command;
    return {
      ...command,
      state: await this.sealState(state, epoch, through, count),
      changes: await Promise.all(changes.map((item) => this.sealItem(item, epoch, item.at))),
    };
  }

  sealState(state: string, epoch: string, checkpoint: string, count: number): Promise<string> {
    return this.#seal(state, 'state', epoch, checkpoint, count);
  }

  /** Without it nothing says how much is stored: only what was never stored has none. */
  async openState({ state, epoch, checkpoint, count }: Opened): Promise<string> {
    if (state !== '') return await this.#open(state, 'state', epoch, checkpoint, count);
    if (this.#ring.allowPlain || (count === 0 && checkpoint === '0-0')) return '';
    throw unreadable('what tells how much is stored was removed');
  }

  async opened(found: Opened): Promise<Opened> {
    const { epoch, count, checkpoint: from, top } = found;
    const [head, state, items, entries] = await Promise.all([
      this.openHead(found),
      this.openState(found),
      this.openItems(found.items, epoch, count),
      this.openEntries(found.entries, { epoch, from, top }),
    ]);
    return { ...head, state, items, entries };
  }

  /**
   * An entry that cannot be decrypted keeps its place without its body, so that whoever needs it reads
   * the log and is told why it cannot. Of a signal nothing would be left.
   */
  async delivered(delivery: Delivery): Promise<Delivery | null> {
    if (delivery.kind === 'signal')
      return await this.openSignal(delivery.text).then(
        (text): Delivery => ({ kind: 'signal', text }),
        () => null,
      );
    if (delivery.kind !== 'entry' || delivery.body === null) return delivery;
    const { body, epoch, prev, id } = delivery;
    return { ...delivery, body: await this.openBody(body, epoch, prev, id).catch(() => null) };
  }

  /**
   * What a log may have in the place of a text: its digest under each key, the one that encrypts first, since it may be
   * older than that one; and the text itself, where it may be older than all of them.
   */
  async *digests(text: string): AsyncGenerator<string> {
    for (const id of this.#ring.ids) yield await this.#ring.digest(id, this.#session, text);
    if (this.#ring.allowPlain) yield text;
  }
}
