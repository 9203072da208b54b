import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { type Entry, seqOf } from '@holdfast/protocol';
import { SessionProjection } from '@holdfast/protocol/projection';
import { entryOf } from '../../src/session/entry-of.ts';
import { isShown, messageOf } from '../../src/session/fold-message.ts';
import { textOf } from './talk.ts';

interface Stored {
  readonly entries: readonly { readonly id: string; readonly body: string }[];
}

/** A log in memory that can lose its newest entries, as a failover to a replica that lags does. */
export class LosingLog {
  readonly log: SessionLog = createMemoryLog();

  get #sessions(): Map<string, Stored> {
    return (this.log as unknown as { readonly sessions: Map<string, Stored> }).sessions;
  }

  /** Takes a copy of the session; the result puts it back. */
  replica(session: string): () => void {
    const copy = structuredClone(this.#sessions.get(session));
    return () => {
      if (copy) this.#sessions.set(session, structuredClone(copy));
    };
  }

  entries(session: string): readonly { readonly id: string; readonly entry: Entry | null }[] {
    const { entries = [] } = this.#sessions.get(session) ?? {};
    return entries.map(({ id, body }) => ({ id, entry: entryOf(body) }));
  }

  /** What it shows where a run starts; null when the start was lost. Looked at before this returns. */
  async shownAtStart(session: string, run: string): Promise<readonly string[] | null> {
    const entries = this.entries(session);
    const at = entries.findIndex(({ entry }) => entry?.k === 'run-start' && entry.run === run);
    if (at < 0) return null;
    const projection = new SessionProjection();
    for (const { entry } of entries.slice(0, at + 1)) if (entry) projection.apply(entry);
    return await saidIn(projection);
  }

  /** What a session shows at an entry by its number, of a log that has all entries. */
  async shownAt(
    session: string,
    seq: number = Number.POSITIVE_INFINITY,
  ): Promise<readonly string[]> {
    const projection = new SessionProjection();
    for (const { id, entry } of this.entries(session))
      if (entry && seqOf(id) <= seq) projection.apply(entry);
    return await saidIn(projection);
  }
}

/** Ids and words of what a projection shows. */
export async function saidIn(projection: SessionProjection): Promise<readonly string[]> {
  const messages = await Promise.all([...projection.items].map(messageOf));
  return messages.filter(isShown).map((message) => `${message.id}: ${textOf(message)}`);
}
