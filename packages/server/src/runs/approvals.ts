import { callsOf, chunksOfItem, type SessionProjection } from '@holdfast/protocol/projection';
import type { Core } from '../core.ts';
import type { SessionHub } from '../session/hub.ts';
import { remindBeside } from './remind.ts';

const approvalKey = /^approval (.*)$/s;

/** Ids of approvals that the session waits for: those of its last message, once no run is live. */
export function openApprovals(projection: SessionProjection): readonly string[] {
  const { last, liveRuns } = projection;
  if (liveRuns.length > 0 || last?.kind !== 'assistant') return [];
  const { unanswered } = callsOf(chunksOfItem(last));
  return [...unanswered].flatMap((key) => approvalKey.exec(key)?.[1] ?? []);
}

/** Notes when approvals that a run asked for are to be denied, where they do not wait for ever. */
export async function remindOfApprovals(
  core: Core,
  hub: SessionHub,
  messageId: string,
): Promise<void> {
  const { approvalMs } = core;
  if (approvalMs === null) return;
  const isAsked = await hub.project(
    (projection) => projection.last?.id === messageId && openApprovals(projection).length > 0,
  );
  if (isAsked) void remindBeside(core, 'approvals', hub.session, approvalMs);
}
