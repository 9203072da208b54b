import type { Core } from '../core.ts';

/** Erases a session, also from this process's memory; false when there was none. Rejects with `unavailable`. */
export async function eraseSession(core: Core, session: string): Promise<boolean> {
  const wasThere = await core.log.delete(session);
  core.fileTexts.forget(session);
  core.writtenRuns.forget(session);
  return wasThere;
}
