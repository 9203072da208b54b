import { origin, type Position } from '@holdfast/protocol';
import { idBehind } from '../chain.ts';
import type { ClaimCommand, ClaimOutcome } from '../contract/claims.ts';
import type { Delivery, Unsubscribe } from '../contract/deliveries.ts';
import type { LogDurability } from '../contract/durability.ts';
import type { Head, NewEntry, ReadRequest, ReadResult } from '../contract/entries.ts';
import type { Files } from '../contract/files.ts';
import type {
  CheckpointCommand,
  CheckpointOutcome,
  FoundItem,
  ItemsRequest,
  ItemsResult,
  Opened,
  OpenRequest,
  SeedCommand,
  SeedOutcome,
} from '../contract/messages.ts';
import type { Reminder, ReminderTopic } from '../contract/reminders.ts';
import type {
  AppendCommand,
  AppendOutcome,
  CancelCommand,
  CancelOutcome,
  KnownRun,
  LeaseCommand,
  LeaseOutcome,
  ReapCommand,
  SuspectCommand,
  SuspectOutcome,
} from '../contract/runs.ts';
import type { KnownCommand, SendCommand, SendOutcome } from '../contract/sends.ts';
import type { SessionLog } from '../contract/session-log.ts';
import { encryptedFiles } from './encrypted-files.ts';
import { Envelope } from './envelope.ts';
import { inOrder } from './in-order.ts';
import { createKeyRing, type EncryptionOptions, type KeyRing } from './key-ring.ts';
import { beginning, type Placed, Places } from './places.ts';

/**
 * A log of which the store sees no words: bodies of entries and messages, what is kept with runs, states,
 * signals and files are AES-256-GCM, under a key of their session, and bound to where they stand:
 * what was moved, repeated or left out, or is of another incarnation of the session, is not read. Ids,
 * sizes and times are not hidden. Limits count texts as they are without encryption. The log that is given
 * must honour `NewEntry.behind`, and is closed with this one.
 */
export function createEncryptedLog(log: SessionLog, options: EncryptionOptions): SessionLog {
  const ring = createKeyRing(options);
  return Object.assign(new EncryptedLog(log, ring), encryptedFiles(log, ring));
}

class EncryptedLog implements Omit<SessionLog, keyof Files> {
  readonly durability?: LogDurability;
  readonly #log: SessionLog;
  readonly #ring: KeyRing;
  readonly #places = new Places();

  constructor(log: SessionLog, ring: KeyRing) {
    this.#log = log;
    this.#ring = ring;
    if (log.durability) this.durability = log.durability;
  }

  async ready(): Promise<void> {
    // A key that may not be used is better known now than at the first message.
    await this.#ring.check();
    await this.#ring.open('', await this.#ring.seal('', '', 'ready'), 'ready');
    await this.#log.ready();
  }

  async head(session: string): Promise<Head | null> {
    const head = await this.#log.head(session);
    if (!head) return null;
    this.#places.saw(session, { epoch: head.epoch, id: head.top });
    return await this.#of(session).openHead(head);
  }

  async read(session: string, request: ReadRequest): Promise<ReadResult> {
    const result = await this.#log.read(session, request);
    if (result.kind !== 'entries') return result;
    const { epoch, top } = result;
    this.#places.saw(session, { epoch, id: top });
    const from = request.after?.id ?? result.entries[0]?.prev ?? top;
    const entries = await this.#of(session).openEntries(result.entries, { epoch, from, top });
    return { ...result, entries };
  }

  async open(session: string, request: OpenRequest): Promise<Opened | null> {
    const found = await this.#log.open(session, request);
    if (!found) return null;
    this.#places.saw(session, { epoch: found.epoch, id: found.top });
    return await this.#of(session).opened(found);
  }

  async items(session: string, request: ItemsRequest): Promise<ItemsResult | null> {
    const found = await this.#log.items(session, request);
    if (!found) return null;
    const end = Math.min(request.before, found.count);
    return { ...found, items: await this.#of(session).openItems(found.items, found.epoch, end) };
  }

  async find(session: string, key: string): Promise<FoundItem | null> {
    for await (const digest of this.#of(session).digests(key)) {
      const found = await this.#log.find(session, digest);
      if (found) return found;
    }
    return null;
  }

  async checkpoint(session: string, command: CheckpointCommand): Promise<CheckpointOutcome> {
    const envelope = this.#of(session);
    const state = command.state ?? (await stateFor(this.#log, envelope, session, command));
    if (state === null) return await this.#log.checkpoint(session, command);
    return await this.#log.checkpoint(session, await envelope.sealCheckpoint(command, state));
  }

  async seed(session: string, seed: SeedCommand): Promise<SeedOutcome> {
    const { epoch } = seed.entry.behind ?? beginning();
    const outcome = await this.#log.seed(session, await this.#of(session).sealSeed(seed, epoch));
    if (outcome === 'seeded')
      this.#places.saw(session, { epoch, id: idBehind(origin, seed.entry.nonce) });
    return outcome;
  }

  async send(session: string, command: SendCommand): Promise<SendOutcome> {
    const outcome = await this.#places.write(
      session,
      () => command.entries[0]?.behind,
      (behind) => send(this.#log, this.#of(session), { session, command }, behind),
    );
    return 'run' in outcome ? await this.#of(session).openCommand(outcome) : outcome;
  }

  async command(session: string, id: string): Promise<KnownCommand | null> {
    const known = await this.#log.command(session, id);
    return known && (await this.#of(session).openCommand(known));
  }

  async run(session: string, id: string): Promise<KnownRun | null> {
    const known = await this.#log.run(session, id);
    return known?.state === 'running' ? await this.#of(session).openRun(known, known.epoch) : known;
  }

  append(session: string, append: AppendCommand): Promise<AppendOutcome> {
    return this.#writeOne(
      session,
      append.entry,
      (entry) => this.#log.append(session, { ...append, entry }),
      ({ kind }) => kind === 'appended',
    );
  }

  renew(session: string, lease: LeaseCommand): Promise<LeaseOutcome> {
    return this.#log.renew(session, lease);
  }

  suspect(session: string, suspect: SuspectCommand): Promise<SuspectOutcome> {
    return this.#log.suspect(session, suspect);
  }

  async cancel(session: string, { target, entry }: CancelCommand): Promise<CancelOutcome> {
    // The entry is the same however often it is sealed.
    let made: NewEntry | undefined;
    const write = async (behind: Position) => ({
      outcome: await this.#log.cancel(session, {
        target,
        entry: async (run) => {
          made ??= await entry(run);
          const { epoch, id } = made.behind ?? behind;
          return await this.#of(session).sealEntry(made, epoch, id);
        },
      }),
      // The log does not tell whether it was this cancel that wrote.
      top: null,
    });
    return await this.#places.write(session, () => made?.behind, write);
  }

  reap(session: string, reap: ReapCommand): Promise<boolean> {
    return this.#writeOne(
      session,
      reap.entry,
      (entry) => this.#log.reap(session, { ...reap, entry }),
      (isReaped) => isReaped,
    );
  }

  delete(session: string): Promise<boolean> {
    return this.#log.delete(session);
  }

  async subscribe(session: string, listener: (delivery: Delivery) => void): Promise<Unsubscribe> {
    const envelope = this.#of(session);
    const { receive, stop } = inOrder((delivery) => {
      if (delivery.kind === 'entry') this.#places.saw(session, delivery);
      return envelope.delivered(delivery);
    }, listener);
    const unsubscribe = await this.#log.subscribe(session, receive);
    return () => {
      stop();
      unsubscribe();
    };
  }

  undelivered(session: string): void {
    this.#log.undelivered?.(session);
  }

  async signal(session: string, text: string): Promise<void> {
    await this.#log.signal(session, await this.#of(session).sealSignal(text));
  }

  remind(topic: ReminderTopic, session: string, afterMs: number): Promise<Reminder> {
    return this.#log.remind(topic, session, afterMs);
  }

  due(topic: ReminderTopic, limit: number, claimMs: number): Promise<readonly Reminder[]> {
    return this.#log.due(topic, limit, claimMs);
  }

  dismiss(reminder: Reminder): Promise<void> {
    return this.#log.dismiss(reminder);
  }

  claim(session: string, claim: ClaimCommand): Promise<ClaimOutcome> {
    return this.#log.claim(session, claim);
  }

  close(): Promise<void> {
    return this.#log.close();
  }

  #of(session: string): Envelope {
    return new Envelope(this.#ring, session);
  }

  /** Writes one entry; `isWritten` tells of an outcome whether it was. */
  async #writeOne<Outcome>(
    session: string,
    entry: NewEntry,
    write: (sealed: NewEntry) => Promise<Outcome>,
    isWritten: (outcome: Outcome) => boolean,
  ): Promise<Outcome> {
    return await this.#places.write(
      session,
      () => entry.behind,
      async ({ epoch, id }): Promise<Placed<Outcome>> => {
        const outcome = await write(await this.#of(session).sealEntry(entry, epoch, id));
        const top = isWritten(outcome) ? { epoch, id: idBehind(id, entry.nonce) } : null;
        return { outcome, top };
      },
    );
  }
}

/**
 * A digest is keyed, so that nobody can try texts against it. A command may have come first under an
 * earlier key, or under none: what it said is compared under each before it counts as another.
 */
async function send(
  log: SessionLog,
  envelope: Envelope,
  { session, command }: { readonly session: string; readonly command: SendCommand },
  behind: Position,
): Promise<Placed<SendOutcome>> {
  const { sealed, top, stopped } = await envelope.sealSend(command, behind);
  const placed = (outcome: SendOutcome): Placed<SendOutcome> => {
    if (outcome.kind !== 'accepted' || command.entries.length === 0) return { outcome, top: null };
    const id = outcome.run?.state === 'stopped' ? stopped : top;
    return { outcome, top: { epoch: outcome.epoch, id } };
  };
  if (command.digest === undefined) return placed(await log.send(session, sealed));
  let outcome: SendOutcome = { kind: 'refused', why: 'other' };
  for await (const digest of envelope.digests(command.digest)) {
    outcome = await log.send(session, { ...sealed, digest });
    if (outcome.kind !== 'refused' || outcome.why !== 'other') break;
  }
  return placed(outcome);
}

/**
 * The state that a checkpoint keeps as it was, to be sealed for its new place; null where its place stays.
 * What was read of another checkpoint does no harm: the command is stale then.
 */
async function stateFor(
  log: SessionLog,
  envelope: Envelope,
  session: string,
  { from, through, count, changes }: CheckpointCommand,
): Promise<string | null> {
  if (from === through && changes.length === 0) {
    const kept = await log.items(session, { before: 0, limit: 0 });
    if (!kept || kept.count === count) return null;
  }
  const found = await log.open(session, { limit: 1 });
  return found && (await envelope.openState(found));
}
