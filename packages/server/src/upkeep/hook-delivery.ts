import type { SessionLog, StoredEntry } from '@holdfast/log';
import { origin } from '@holdfast/protocol';
import type { Hooks } from '../contract/hooks.ts';
import { type FileTexts, filledMessage, wholeOf } from '../files/filled.ts';
import { entryOf } from '../session/entry-of.ts';
import { isShown } from '../session/fold-message.ts';
import type { SessionHub } from '../session/hub.ts';
import type { SessionHubs } from '../session/hubs.ts';
import type { Written } from '../session/written.ts';
import { lastTold } from './last-told.ts';
import { type Handled, Topic } from './topic.ts';
import type { BackgroundWorker } from './worker.ts';

export interface HookDeliveryOptions {
  readonly log: SessionLog;
  readonly hubs: SessionHubs;
  readonly fileTexts: FileTexts;
  readonly hooks: Hooks;
  readonly worker: BackgroundWorker;
}

/** A process that dies leaves a reminder behind; whoever looks next goes on for it. */
const remindMs = 30_000;
const lookMs = 15_000;
const claimMs = 60_000;
const tries = 3;

/**
 * Tells the application of messages and truncations in log order, at least once (HF-RUN-25). Up to
 * where it was told stands in the log, so that any process can go on after another. Hooks are the
 * application's, and no request's (HF-RUN-26).
 */
export class HookDelivery {
  readonly #options: HookDeliveryOptions;
  readonly #topic: Topic;

  constructor(options: HookDeliveryOptions) {
    const { log, worker } = options;
    this.#options = options;
    this.#topic = new Topic(worker, {
      handle: (session) => this.#deliver(session),
      tries,
      reminders: { log, topic: 'hooks', claimMs, remindMs },
    });
    worker.every(lookMs, () => this.#topic.visit());
  }

  /** Something was written into the session. Never rejects, and does not wait. */
  begin(session: string): void {
    void this.#topic.begin(session);
  }

  close(): Promise<void> {
    return this.#options.worker.close();
  }

  #deliver(session: string): Promise<Handled> {
    return this.#options.hubs.use(session, (hub) => this.#tellAll(hub));
  }

  async #tellAll(hub: SessionHub): Promise<Handled> {
    for (;;) {
      const from = await hub.handed();
      if (from.epoch === '') return 'done';
      const behind = await hub.cursor(from).next();
      if (behind.kind === 'missing') return 'done';
      if (behind.kind === 'entries' && behind.entries.length === 0) return 'done';
      const told =
        behind.kind === 'entries'
          ? await this.#tell(hub, from.epoch, behind.entries)
          : await this.#tellAnew(hub);
      // Another process may have told at the same time: at least once, not exactly.
      if (!(await hub.handOver(told))) return 'again';
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
      if (entry?.k === 'truncate' && hooks.onTruncate) {
        const after = await lastTold(hub, { epoch, id }, entry.after);
        if (after !== undefined) await hooks.onTruncate({ sessionId, key, after });
      }
      const messageId =
        entry?.k === 'message'
          ? entry.message.id
          : entry?.k === 'answer' || entry?.k === 'run-end'
            ? entry.messageId
            : undefined;
      if (messageId === undefined) continue;
      const written = await hub.message(messageId);
      // A message that was cut off since is not worth telling: the truncation comes next.
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
    const { fileTexts, hooks } = this.#options;
    if (!hooks.onMessage) return;
    const whole = await filledMessage(wholeOf(fileTexts, sessionId), message);
    const told = { sessionId, key, message: whole as never, ...(by ? { by } : {}) };
    await hooks.onMessage(told);
  }
}
