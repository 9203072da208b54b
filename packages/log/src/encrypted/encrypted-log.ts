import type {
  Delivery,
  Head,
  LiveRun,
  NewEntry,
  SendCommand,
  SendOutcome,
  SessionLog,
  StoredEntry,
} from '../session-log.ts';
import type { NewItem } from '../stored-contract.ts';
import { inOrder } from './in-order.ts';
import { createKeyRing, type EncryptionOptions, type KeyRing } from './key-ring.ts';

/** What a text is: one cannot be put in the place of another. */
type Kind = 'entry' | 'message' | 'run' | 'signal' | 'state';

/** Seals and opens the texts of one session. */
interface Envelope {
  seal(kind: Kind, text: string): Promise<string>;
  open(kind: Kind, text: string): Promise<string>;
  sealEntry(entry: NewEntry): Promise<NewEntry>;
  openEntries(entries: readonly StoredEntry[]): Promise<readonly StoredEntry[]>;
  openRuns(runs: readonly LiveRun[]): Promise<readonly LiveRun[]>;
}

function envelopeOf(ring: KeyRing, session: string): Envelope {
  const seal = (kind: Kind, text: string) => ring.seal(text, `${kind} ${session}`);
  const open = (kind: Kind, text: string) => ring.open(text, `${kind} ${session}`);
  return {
    seal,
    open,
    sealEntry: async ({ nonce, body }) => ({ nonce, body: await seal('entry', body) }),
    openEntries: (entries) =>
      Promise.all(
        entries.map(async ({ id, prev, body }) => ({ id, prev, body: await open('entry', body) })),
      ),
    openRuns: (runs) =>
      Promise.all(runs.map(async (run) => ({ ...run, info: await open('run', run.info) }))),
  };
}

const sealItems = <Item extends NewItem>(
  { seal }: Envelope,
  items: readonly Item[],
): Promise<Item[]> =>
  Promise.all(items.map(async (item) => ({ ...item, body: await seal('message', item.body) })));

async function sealSend(envelope: Envelope, command: SendCommand): Promise<SendCommand> {
  const { entries, run } = command;
  const sealed = await Promise.all(entries.map(envelope.sealEntry));
  if (!run) return { ...command, entries: sealed };
  const info = await envelope.seal('run', run.info);
  const stopped = await envelope.sealEntry(run.stopped);
  return { ...command, entries: sealed, run: { ...run, info, stopped } };
}

async function openSent({ open }: Envelope, outcome: SendOutcome): Promise<SendOutcome> {
  if (!('run' in outcome) || !outcome.run) return outcome;
  const { run } = outcome;
  return { ...outcome, run: { ...run, info: await open('run', run.info) } };
}

const openHead = async <Known extends Head>(
  { openRuns }: Envelope,
  head: Known,
): Promise<Known> => ({
  ...head,
  runs: await openRuns(head.runs),
});

/**
 * An entry that cannot be decrypted keeps its place without its body, so that whoever needs it reads
 * the log and is told why it cannot. Of a signal nothing would be left.
 */
async function opened({ open }: Envelope, delivery: Delivery): Promise<Delivery | null> {
  if (delivery.kind === 'signal')
    return await open('signal', delivery.text).then(
      (text): Delivery => ({ kind: 'signal', text }),
      () => null,
    );
  if (delivery.kind !== 'entry' || delivery.body === null) return delivery;
  const body = await open('entry', delivery.body).catch(() => null);
  return { ...delivery, body };
}

/**
 * A log of which the store sees no words: bodies of entries and messages, what is kept with runs, and
 * signals are AES-256-GCM by WebCrypto, bound to their session and to what they are. Ids, sizes and
 * times are not hidden. Texts grow by about a third, and limits count what is stored. The log that is
 * given is closed with this one.
 */
export function createEncryptedLog(log: SessionLog, options: EncryptionOptions): SessionLog {
  const ring = createKeyRing(options);
  const of = (session: string) => envelopeOf(ring, session);
  return {
    ready: async () => {
      // A key that may not be used is better known now than at the first message.
      await ring.open(await ring.seal('', 'ready'), 'ready');
      await log.ready();
    },
    head: async (session) => {
      const head = await log.head(session);
      return head && (await openHead(of(session), head));
    },
    read: async (session, request) => {
      const result = await log.read(session, request);
      if (result.kind !== 'entries') return result;
      return { ...result, entries: await of(session).openEntries(result.entries) };
    },
    open: async (session, request) => {
      const found = await log.open(session, request);
      if (!found) return null;
      const envelope = of(session);
      const items = await Promise.all(found.items.map((body) => envelope.open('message', body)));
      const entries = await envelope.openEntries(found.entries);
      const state = found.state && (await envelope.open('state', found.state));
      return { ...(await openHead(envelope, found)), state, items, entries };
    },
    items: async (session, request) => {
      const found = await log.items(session, request);
      if (!found) return null;
      const { open } = of(session);
      const items = await Promise.all(found.items.map((body) => open('message', body)));
      return { ...found, items };
    },
    find: (session, key) => log.find(session, key),
    checkpoint: async (session, command) => {
      const envelope = of(session);
      const changes = await sealItems(envelope, command.changes);
      const sealed = command.state && { state: await envelope.seal('state', command.state) };
      return await log.checkpoint(session, { ...command, ...sealed, changes });
    },
    seed: async (session, { items, entry }) => {
      const envelope = of(session);
      const sealed = {
        items: await sealItems(envelope, items),
        entry: await envelope.sealEntry(entry),
      };
      return await log.seed(session, sealed);
    },
    send: async (session, command) => {
      const envelope = of(session);
      return await openSent(envelope, await log.send(session, await sealSend(envelope, command)));
    },
    append: async (session, append) =>
      await log.append(session, { ...append, entry: await of(session).sealEntry(append.entry) }),
    renew: (session, lease) => log.renew(session, lease),
    cancel: (session, { target, entry }) =>
      log.cancel(session, {
        target,
        entry: async (run) => await of(session).sealEntry(await entry(run)),
      }),
    reap: async (session, reap) =>
      await log.reap(session, { ...reap, entry: await of(session).sealEntry(reap.entry) }),
    delete: (session) => log.delete(session),
    subscribe: async (session, listener) => {
      const envelope = of(session);
      const { receive, stop } = inOrder((delivery) => opened(envelope, delivery), listener);
      const unsubscribe = await log.subscribe(session, receive);
      return () => {
        stop();
        unsubscribe();
      };
    },
    signal: async (session, text) =>
      await log.signal(session, await of(session).seal('signal', text)),
    remind: (topic, session, afterMs) => log.remind(topic, session, afterMs),
    due: (topic, limit, claimMs) => log.due(topic, limit, claimMs),
    dismiss: (reminder) => log.dismiss(reminder),
    claim: (session, claim) => log.claim(session, claim),
    close: () => log.close(),
  };
}
