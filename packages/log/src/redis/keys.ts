import { HoldfastError } from '@holdfast/protocol';
import type { ReminderTopic } from '../contract/reminders.ts';

/** Braces would move the hash tag; the rest keeps keys readable. */
const prefixPattern = /^[A-Za-z0-9_:.-]{1,64}$/;

/** All keys of one session: the hash tag puts them into one slot, so that scripts may use them together. */
interface SessionKeys {
  /** Hash: epoch, top, size, floor, checkpoint with its state, whether it is held, and a record, the info and what is kept of each live run. */
  readonly meta: string;
  /** Stream of entries, each with one field. */
  readonly log: string;
  /** List of stored messages, by place. */
  readonly items: string;
  /** String of digests of their keys, 8 characters each, by place. */
  readonly ids: string;
  /** Hash of accepted commands. */
  readonly commands: string;
  /** Hash of commands that were cancelled before they came: until when that holds. */
  readonly marks: string;
  /** Hash of runs that have ended; outlives the session. */
  readonly ended: string;
  /** Pub/Sub channel of new entries. Names the database: channels are those of the whole server, keys are not. */
  readonly channel: string;
  /** The beginning of the keys of leases; the run's id follows. */
  readonly leases: string;
  /** Hash of claims: until when, and whose. */
  readonly claims: string;
  /** Hash of pieces of files, and of what is known of each file. */
  readonly files: string;
  /** Hash of uploads: until when, and which pieces are theirs. */
  readonly uploads: string;
}

/** The key that a group of writes touches to be told how far they have come, in the slot of a key of theirs. */
export const commitKeyOf = (key: string): string => `${key.slice(0, key.indexOf('}') + 1)}:commit`;

export class Keys {
  readonly #prefix: string;
  /** The name of every session's channel, behind what its keys begin with. */
  readonly channel: string;

  constructor(prefix: string, database = 0) {
    if (!prefixPattern.test(prefix))
      throw new HoldfastError(
        'internal',
        'unable to use the key prefix: it is 1 to 64 of letters, digits and _ : . -',
      );
    this.#prefix = prefix;
    this.channel = database === 0 ? 'channel' : `channel:${database}`;
  }

  /** Sorted set of the sessions that somebody should look at, by time. */
  due(topic: ReminderTopic): string {
    return `${this.#prefix}:due:${topic}`;
  }

  /** Keys that no session has, and a channel, to try what may be done with such. */
  probe(): { readonly keys: readonly string[]; readonly channel: string } {
    const base = `${this.#prefix}:{probe}:probe`;
    const keys = ['hash', 'stream', 'list', 'string', 'set'].map((type) => `${base}-${type}`);
    return { keys, channel: base };
  }

  /** The key by which scripts find the others, of a session whose id was checked. */
  meta(session: string): string {
    return `${this.#prefix}:{${session}}:meta`;
  }

  /** Of a session whose id was checked: it becomes part of every key. */
  of(session: string): SessionKeys {
    const base = `${this.#prefix}:{${session}}`;
    return {
      meta: `${base}:meta`,
      log: `${base}:log`,
      items: `${base}:items`,
      ids: `${base}:ids`,
      commands: `${base}:commands`,
      marks: `${base}:marks`,
      ended: `${base}:ended`,
      channel: `${base}:${this.channel}`,
      leases: `${base}:lease:`,
      claims: `${base}:claims`,
      // Scripts that keep a session alive find these two by the name of meta.
      files: `${base}:files`,
      uploads: `${base}:uploads`,
    };
  }
}
