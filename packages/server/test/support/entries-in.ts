import type { SessionLog } from '@holdfast/log';
import type { Entry } from '@holdfast/protocol';

/** All entries of a session that the log still has; none where there is no session. */
export async function entriesIn(
  log: Pick<SessionLog, 'read'>,
  session: string,
): Promise<readonly Entry[]> {
  const read = await log.read(session, { after: null, limit: 10_000 });
  return read.kind === 'entries' ? read.entries.map(({ body }) => JSON.parse(body) as Entry) : [];
}
