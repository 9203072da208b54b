import { callsOf, chunksOfItem, type SessionProjection } from '@holdfast/protocol/projection';
import type { Core } from '../core.ts';
import { remindBeside } from './remind.ts';

const approvalKey = /^approval (.*)$/s;

/** Ids of approvals that the session waits for: those of its last message, once no run is live. */
export function openApprovals(projection: SessionProjection): readonly string[] {
  const { last, liveRuns } = projection;
  if (liveRuns.length > 0 || last?.kind !== 'assistant') return [];
  const { unanswered } = callsOf(chunksOfItem(last));
  return [...unanswered].flatMap((key) => approvalKey.exec(key)?.[1] ?? []);
}

/**
 * Notes when approvals that a session waits for are to be denied, where they do not wait for ever. Behind the end of
 * any run: they wait from the last one on, which need not have asked for them.
 */
export async function remindOfApprovals(core: Core, session: string): Promise<void> {
  const { approvalMs, hubs } = core;
  if (approvalMs === null) return;
  const isAsked = await hubs.use(session, (hub) =>
    hub.project((projection) => openApprovals(projection).length > 0),
  );
  if (isAsked) void remindBeside(core, 'approvals', session, approvalMs);
}
