import { headers } from 'next/headers';
import { agent } from './agent.ts';
import { holdfast } from './holdfast.ts';
import { type LoadedSession, type Snapshot, sessionOf } from './session-of-snapshot.ts';

/**
 * The session for the first paint, asked for with the visitor's own credentials. Null when the
 * visitor may not see it.
 */
export async function loadSession(id: string): Promise<LoadedSession | null> {
  const request = new Request(`http://localhost/api/chat/${id}`, { headers: await visitor() });
  const response = await holdfast.handle(request, { agent, path: [id] });
  if (response.status === 400 || response.status === 401 || response.status === 403) return null;
  if (!response.ok) throw new Error(`unable to load the chat; status ${response.status}`);
  return sessionOf((await response.json()) as Snapshot);
}

/** What the visitor's browser sent, without what only makes sense for that very request. */
async function visitor(): Promise<Headers> {
  const own = new Headers();
  const sent = await headers();
  for (const name of ['cookie', 'authorization', 'host']) {
    const value = sent.get(name);
    if (value !== null) own.set(name, value);
  }
  return own;
}
