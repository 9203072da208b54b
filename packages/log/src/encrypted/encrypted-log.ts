import { origin, type Position } from '@holdfast/protocol';
import { idBehind } from '../chain.ts';
import type { NewEntry } from '../contract/entries.ts';
import type { CheckpointCommand, FoundItem } from '../contract/messages.ts';
import type { SendCommand, SendOutcome } from '../contract/runs.ts';
import type { SessionLog } from '../contract/session-log.ts';
import { Envelope } from './envelope.ts';
import { inOrder } from './in-order.ts';
import { createKeyRing, type EncryptionOptions } from './key-ring.ts';
import { beginning, type Placed, Places } from './places.ts';

/**
 * A log of which the store sees no words: bodies of entries and messages, what is kept with runs, states
 * and signals are AES-256-GCM, under a key of their session, and bound to where they stand:
 * what was moved, repeated or left out, or is of another incarnation of the session, is not read. Ids,
 * sizes and times are not hidden. Limits count texts as they are without encryption. The log that is given
 * must honour `NewEntry.behind`, and is closed with this one.
 */
export function createEncryptedLog(log: SessionLog, options: EncryptionOptions): SessionLog {
  const ring = createKeyRing(options);
  const places = new Places();
  const of = (session: string) => new Envelope(ring, session);
  /** Writes one entry; `isWritten` tells of an outcome whether it was. */
  const writeOne = async <Outcome>(
    session: string,
    entry: NewEntry,
    write: (sealed: NewEntry) => Promise<Outcome>,
    isWritten: (outcome: Outcome) => boolean,
  ): Promise<Outcome> =>
    await places.write(
      session,
      () => entry.behind,
      async ({ epoch, id }): Promise<Placed<Outcome>> => {
        const outcome = await write(await of(session).sealEntry(entry, epoch, id));
        return {
          outcome,
          top: isWritten(outcome) ? { epoch, id: idBehind(id, entry.nonce) } : null,
        };
      },
    );
  return {
    ready: async () => {
      // A key that may not be used is better known now than at the first message.
      await ring.check();
      await ring.open('', await ring.seal('', '', 'ready'), 'ready');
      await log.ready();
    },
    head: async (session) => {
      const head = await log.head(session);
      if (!head) return null;
      places.saw(session, { epoch: head.epoch, id: head.top });
      return await of(session).openHead(head);
    },
    read: async (session, request) => {
      const result = await log.read(session, request);
      if (result.kind !== 'entries') return result;
      const { epoch, top } = result;
      places.saw(session, { epoch, id: top });
      const from = request.after?.id ?? result.entries[0]?.prev ?? top;
      const entries = await of(session).openEntries(result.entries, { epoch, from, top });
      return { ...result, entries };
    },
    open: async (session, request) => {
      const found = await log.open(session, request);
      if (!found) return null;
      places.saw(session, { epoch: found.epoch, id: found.top });
      return await of(session).opened(found);
    },
    items: async (session, request) => {
      const found = await log.items(session, request);
      if (!found) return null;
      const end = Math.min(request.before, found.count);
      return { ...found, items: await of(session).openItems(found.items, found.epoch, end) };
    },
    find: async (session, key) => {
      let found: FoundItem | null = null;
      for await (const digest of of(session).digests(key)) {
        found = await log.find(session, digest);
        if (found) return found;
      }
      return ring.allowPlain ? await log.find(session, key) : null;
    },
    checkpoint: async (session, command) => {
      const state = command.state ?? (await stateFor(log, of(session), session, command));
      if (state === null) return await log.checkpoint(session, command);
      return await log.checkpoint(session, await of(session).sealCheckpoint(command, state));
    },
    seed: async (session, seed) => {
      const { epoch } = seed.entry.behind ?? beginning();
      const outcome = await log.seed(session, await of(session).sealSeed(seed, epoch));
      if (outcome === 'seeded')
        places.saw(session, { epoch, id: idBehind(origin, seed.entry.nonce) });
      return outcome;
    },
    send: async (session, command) => {
      const outcome = await places.write(
        session,
        () => command.entries[0]?.behind,
        (behind) => send(log, of(session), { session, command }, behind),
      );
      return 'run' in outcome ? await of(session).openCommand(outcome) : outcome;
    },
    command: async (session, id) => {
      const known = await log.command(session, id);
      return known && (await of(session).openCommand(known));
    },
    run: async (session, id) => {
      const known = await log.run(session, id);
      if (known?.state !== 'running') return known;
      return { ...known, ...(await of(session).openRun(known, known.epoch)) };
    },
    append: (session, append) =>
      writeOne(
        session,
        append.entry,
        (entry) => log.append(session, { ...append, entry }),
        ({ kind }) => kind === 'appended',
      ),
    renew: (session, lease) => log.renew(session, lease),
    suspect: (session, suspect) => log.suspect(session, suspect),
    cancel: async (session, { target, entry }) => {
      // The same entry however often it is sealed.
      let made: NewEntry | undefined;
      const write = async (behind: Position) => ({
        outcome: await log.cancel(session, {
          target,
          entry: async (run) => {
            made ??= await entry(run);
            const { epoch, id } = made.behind ?? behind;
            return await of(session).sealEntry(made, epoch, id);
          },
        }),
        // The log does not tell whether it was this cancel that wrote.
        top: null,
      });
      return await places.write(session, () => made?.behind, write);
    },
    reap: (session, reap) =>
      writeOne(
        session,
        reap.entry,
        (entry) => log.reap(session, { ...reap, entry }),
        (isReaped) => isReaped,
      ),
    delete: (session) => log.delete(session),
    subscribe: async (session, listener) => {
      const envelope = of(session);
      const { receive, stop } = inOrder((delivery) => {
        if (delivery.kind === 'entry') places.saw(session, delivery);
        return envelope.delivered(delivery);
      }, listener);
      const unsubscribe = await log.subscribe(session, receive);
      return () => {
        stop();
        unsubscribe();
      };
    },
    undelivered: (session) => log.undelivered?.(session),
    signal: async (session, text) => await log.signal(session, await of(session).sealSignal(text)),
    remind: (topic, session, afterMs) => log.remind(topic, session, afterMs),
    due: (topic, limit, claimMs) => log.due(topic, limit, claimMs),
    dismiss: (reminder) => log.dismiss(reminder),
    claim: (session, claim) => log.claim(session, claim),
    close: () => log.close(),
  };
}

/**
 * A digest is keyed, so that nobody can try texts against it. A command may have come first under an
 * earlier key: what it said is compared under each key before it counts as another.
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
