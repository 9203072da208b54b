import type { Hooks, SessionHandle, Writer } from '@holdfast/server';
import { type Client, createClient } from '@libsql/client';
import type { ChatMessage } from './tools.ts';

// A store of the application's own, beside the sessions: every message goes into it by hooks, and a
// session that has ended begins again from it. Only with ARCHIVE, the path of an SQLite file.

const file = process.env.ARCHIVE;
let opening: Promise<Client> | undefined;

const open = (path: string): Promise<Client> => {
  opening ??= (async () => {
    const client = createClient({ url: `file:${path}` });
    await client.executeMultiple(`
      create table if not exists messages (
        place integer primary key autoincrement,
        session text not null,
        id text not null,
        message text not null,
        unique (session, id)
      );`);
    return client;
  })();
  return opening;
};

/** Both may be called again for the same event: what they write twice is the same as once. */
export const archiveHooks: Hooks | undefined = file
  ? {
      onMessage: async ({ sessionId, message, by }) => {
        const client = await open(file);
        await client.execute({
          sql: `insert into messages (session, id, message) values (?, ?, ?)
                on conflict (session, id) do update set message = excluded.message`,
          args: [sessionId, message.id, JSON.stringify({ message, by })],
        });
      },
      onTruncate: async ({ sessionId, after }) => {
        const client = await open(file);
        await client.execute({
          sql: `delete from messages where session = ? and (? is null or place >
                  (select place from messages where session = ? and id = ?))`,
          args: [sessionId, after, sessionId, after],
        });
      },
    }
  : undefined;

/** A message with who wrote it; alone, where an earlier version of this demo has archived it. */
type Kept = ChatMessage | { readonly message: ChatMessage; readonly by?: Writer };

/** Begins the session with what is archived, where it does not exist. */
export async function restore(session: SessionHandle<ChatMessage>): Promise<void> {
  if (!file) return;
  const client = await open(file);
  const { rows } = await client.execute({
    sql: 'select message from messages where session = ? order by place',
    args: [session.id],
  });
  if (rows.length === 0) return;
  const kept = rows.map((row) => JSON.parse(String(row.message)) as Kept);
  const messages = kept.map((each) => ('parts' in each ? each : each.message));
  const authors = kept.flatMap((each) =>
    'parts' in each || !each.by ? [] : [[each.message.id, each.by] as const],
  );
  await session.seed(messages, Object.fromEntries(authors));
}

/** Erases what is archived of a chat. */
export async function forget(session: string): Promise<void> {
  if (!file) return;
  const client = await open(file);
  await client.execute({ sql: 'delete from messages where session = ?', args: [session] });
}
