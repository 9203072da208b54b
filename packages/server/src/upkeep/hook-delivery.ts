import type { Reminder, SessionLog, StoredEntry } from '@holdfast/log';
import { origin } from '@holdfast/protocol';
import { inCleanContext } from '../clean-context.ts';
import type { Hooks } from '../contract/hooks.ts';
import type { Report } from '../contract/options.ts';
import { entryOf } from '../session/entry-of.ts';
import { isShown } from '../session/fold-message.ts';
import type { SessionHub } from '../session/hub.ts';
import type { SessionHubs } from '../session/hubs.ts';
import type { Written } from '../session/written.ts';
import { eachDue } from './each-due.ts';

export interface HookDeliveryOptions {
  readonly log: SessionLog;
  readonly hubs: SessionHubs;
  readonly hooks: Hooks;
  readonly report: Report;
}

/** A process that dies leaves a reminder behind; whoever looks next goes on for it. */
const remindMs = 30_000;
const lookMs = 15_000;
const claimMs = 60_000;
const page = 200;
const tries = 3;

/**
 * Tells the application of messages and truncations in log order, at least once (HF-RUN-25). Up to
 * where it was told stands in the log, so that any process can go on after another.
 */
export class HookDelivery {
  readonly #options: HookDeliveryOptions;
  /** Sessions under way, and whether there is more to do behind that. */
  readonly #busy = new Map<string, 'once' | 'again'>();
  readonly #work = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #state: 'open' | 'closed' = 'open';

  constructor(options: HookDeliveryOptions) {
    this.#options = options;
    this.#timer = inCleanContext(() =>
      setInterval(() => this.#track(() => this.#lookAround()), lookMs).unref(),
    );
  }

  /** Something was written into the session. Never rejects, and does not wait. */
  begin(session: string): void {
    if (this.#state === 'closed') return;
    if (this.#busy.has(session)) this.#busy.set(session, 'again');
    else this.#track(() => this.#deliver(session));
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    clearInterval(this.#timer);
    await Promise.all(this.#work);
  }

  /** Hooks are the application's, and no request's (HF-RUN-26). */
  #track(act: () => Promise<unknown>): void {
    const tracked: Promise<void> = inCleanContext(act)
      .then(() => {})
      .catch((error: unknown) => this.#options.report(error, {}))
      .finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }

  /** True when the application knows everything. */
  async #deliver(session: string): Promise<boolean> {
    this.#busy.set(session, 'once');
    try {
      const { log, hubs } = this.#options;
      // First of all, so that a crash right behind it is made up for.
      let reminder: Reminder | null = await log.remind('hooks', session, remindMs);
      const share = await hubs.acquire(session);
      try {
        do {
          this.#busy.set(session, 'once');
          reminder ??= await log.remind('hooks', session, remindMs);
          await this.#tellAll(share.hub);
          if (this.#busy.get(session) === 'again') continue;
          await log.dismiss(reminder);
          reminder = null;
        } while (this.#busy.get(session) === 'again');
        return true;
      } finally {
        share.release();
      }
    } catch (error) {
      this.#options.report(error, { session });
      return false;
    } finally {
      this.#busy.delete(session);
    }
  }

  /** Goes on where processes were interrupted. */
  async #lookAround(): Promise<void> {
    await eachDue(this.#options.log, 'hooks', claimMs, async (reminder) => {
      if (this.#state === 'closed') return false;
      const { session } = reminder;
      // The reminder stays when it fails; else there is nothing left to do.
      if (!this.#busy.has(session))
        await this.#goOn(reminder).catch((error: unknown) =>
          this.#options.report(error, { session }),
        );
      return true;
    });
  }

  async #goOn(reminder: Reminder): Promise<void> {
    const share = await this.#options.hubs.acquire(reminder.session);
    try {
      await this.#tellAll(share.hub);
      await this.#options.log.dismiss(reminder);
    } finally {
      share.release();
    }
  }

  async #tellAll(hub: SessionHub): Promise<void> {
    for (let left = tries; left > 0; ) {
      const { epoch, id } = await hub.handed();
      if (epoch === '') return;
      const after = { epoch, id };
      const read = await this.#options.log.read(hub.session, { after, limit: page });
      if (read.kind === 'missing') return;
      if (read.kind === 'entries' && read.entries.length === 0) return;
      const told =
        read.kind === 'entries'
          ? await this.#tell(hub, epoch, read.entries)
          : await this.#tellAnew(hub);
      // Another process may have told at the same time: at least once, not exactly.
      if (!(await hub.handOver(told))) left--;
    }
  }

  /** The id of the last entry that was told of. */
  async #tell(hub: SessionHub, epoch: string, entries: readonly StoredEntry[]): Promise<string> {
    const { hooks } = this.#options;
    const sessionId = hub.session;
    let last = origin;
    for (const { id, body } of entries) {
      last = id;
      const entry = entryOf(body);
      const key = `${epoch}:${id}`;
      if (entry?.k === 'truncate') await hooks.onTruncate?.({ sessionId, key, after: entry.after });
      const messageId =
        entry?.k === 'message'
          ? entry.message.id
          : entry?.k === 'answer' || entry?.k === 'run-end'
            ? entry.messageId
            : undefined;
      if (messageId === undefined) continue;
      const written = await hub.message(messageId);
      // One that was cut off since is not worth telling: the truncation comes next.
      if (written) await this.#tellMessage(sessionId, key, written);
    }
    return last;
  }

  /**
   * Entries were dropped before they were told of, by a process without hooks or a lost log: the
   * application is told to forget the session, and then all of it.
   */
  async #tellAnew(hub: SessionHub): Promise<string> {
    const { messages, authors, position } = await hub.messages();
    const sessionId = hub.session;
    const key = `${position.epoch}:${position.id}`;
    await this.#options.hooks.onTruncate?.({ sessionId, key, after: null });
    for (const message of messages)
      await this.#tellMessage(sessionId, `${key}:${message.id}`, {
        message,
        by: authors[message.id],
      });
    return position.id;
  }

  async #tellMessage(sessionId: string, key: string, { message, by }: Written): Promise<void> {
    if (!isShown(message)) return;
    const told = { sessionId, key, message: message as never, ...(by ? { by } : {}) };
    await this.#options.hooks.onMessage?.(told);
  }
}
