import type { Reminder, ReminderTopic } from '../contract/reminders.ts';
import { reminderTopics } from '../limits.ts';

interface Note extends Reminder {
  readonly at: number;
}

/** Sessions that somebody should look at, why and when. */
export class Reminders {
  readonly #notes = new Map<string, Note>();
  #tokens = 0;

  /** Sets it in the place of an earlier one; each time under another token. */
  set(topic: ReminderTopic, session: string, at: number): Reminder {
    this.#tokens += 1;
    const note: Note = { topic, session, token: String(this.#tokens), at };
    this.#notes.set(keyOf(note), note);
    return { topic, session, token: note.token };
  }

  /** Reminders whose time has come, oldest first, put off until `claimedUntil`. */
  take(
    topic: ReminderTopic,
    limit: number,
    now: number,
    claimedUntil: number,
  ): readonly Reminder[] {
    return [...this.#notes.values()]
      .filter((note) => note.topic === topic && note.at <= now)
      .sort((a, b) => a.at - b.at)
      .slice(0, limit)
      .map(({ session }) => this.set(topic, session, claimedUntil));
  }

  drop(reminder: Reminder): void {
    const key = keyOf(reminder);
    if (this.#notes.get(key)?.token === reminder.token) this.#notes.delete(key);
  }

  /** Of a session that is deleted, on all topics. */
  dropAll(session: string): void {
    for (const topic of reminderTopics) this.#notes.delete(keyOf({ topic, session }));
  }

  clear(): void {
    this.#notes.clear();
  }
}

const keyOf = ({ topic, session }: Omit<Reminder, 'token'>): string => `${topic} ${session}`;
