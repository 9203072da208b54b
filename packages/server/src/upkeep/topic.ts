import type { Reminder, ReminderTopic, SessionLog } from '@holdfast/log';
import { eachDue } from './each-due.ts';
import type { BackgroundWorker } from './worker.ts';

/**
 * The state in which a session was left. `done`: nothing waits there, so nobody needs to be reminded. `left`: something waits
 * for its time, or for another process. `again`: others came in between, so it is handled again at once.
 */
export type Handled = 'done' | 'left' | 'again';

/** Notes in the log, by which another process goes on where one died. */
export interface Reminders {
  readonly log: Pick<SessionLog, 'remind' | 'due' | 'dismiss'>;
  readonly topic: ReminderTopic;
  /** The time for which a session that is visited is not visited by others, in ms. */
  readonly claimMs: number;
  /** The time after which the note comes up that is made before a session is handled, in ms. @default none is made */
  readonly remindMs?: number;
}

export interface Handler {
  /** Does what the session has waiting. Where it rejects, the note stays. */
  handle(session: string): Promise<Handled>;
  /** How often at most a session is handled again at once; `left` to the next occasion then. */
  readonly tries: number;
  readonly reminders?: Reminders;
}

/** A session that is being handled. */
interface Pass {
  /** Settles when it is over; never rejects. */
  over: Promise<void>;
  /** The pass that was asked for meanwhile. */
  next: Promise<void> | null;
  /** The note by which others would go on; null when there is none, or none is needed any more. */
  reminder: Reminder | null;
}

/**
 * A kind of work in the background, session by session. A session is handled once at a time; whoever asks
 * for it meanwhile gets one more pass behind that, however many ask.
 */
export class Topic {
  readonly #worker: BackgroundWorker;
  readonly #handler: Handler;
  readonly #passes = new Map<string, Pass>();

  constructor(worker: BackgroundWorker, handler: Handler) {
    this.#worker = worker;
    this.#handler = handler;
  }

  /**
   * Resolves when the session was handled as it is now or later. Never rejects: what fails is reported. Does
   * nothing once the worker is closed.
   */
  begin(session: string): Promise<void> {
    if (!this.#worker.isOpen) return Promise.resolve();
    const pass = this.#passes.get(session);
    if (!pass) return this.#start(session, null);
    const goOn = async () => {
      await pass.over;
      await this.#start(session, pass.reminder);
    };
    pass.next ??= this.#worker.track(goOn);
    return pass.next;
  }

  /** Handles the sessions whose time has come, one after another. Rejects with the log's error. */
  async visit(): Promise<void> {
    const { reminders } = this.#handler;
    if (!reminders) return;
    const { log, topic, claimMs } = reminders;
    await eachDue(log, topic, claimMs, async (reminder) => {
      if (!this.#worker.isOpen) return false;
      const { session } = reminder;
      if (!this.#passes.has(session)) await this.#start(session, reminder);
      return true;
    });
  }

  #start(session: string, reminder: Reminder | null): Promise<void> {
    const pass: Pass = { over: Promise.resolve(), next: null, reminder };
    this.#passes.set(session, pass);
    pass.over = this.#worker.track(() => this.#pass(session, pass), { session });
    return pass.over;
  }

  async #pass(session: string, pass: Pass): Promise<void> {
    const { reminders } = this.#handler;
    try {
      // First of all, so that a crash right behind it is made up for.
      if (reminders?.remindMs !== undefined)
        pass.reminder ??= await reminders.log.remind(reminders.topic, session, reminders.remindMs);
      const handled = await this.#handle(session);
      const { next, reminder } = pass;
      if (handled !== 'done' || next || !reminder) return;
      pass.reminder = null;
      await reminders?.log.dismiss(reminder);
    } finally {
      if (pass.next === null) this.#passes.delete(session);
    }
  }

  async #handle(session: string): Promise<Handled> {
    for (let left = this.#handler.tries; left > 0; left--) {
      const handled = await this.#handler.handle(session);
      if (handled !== 'again') return handled;
    }
    return 'left';
  }
}
