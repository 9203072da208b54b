import type { SendRequest } from '@holdfast/protocol';
import { accept } from '../commands/send/accept.ts';
import { agentOf } from '../commands/send/writer-of.ts';
import type { Participant } from '../contract/participant.ts';
import type { Core } from '../core.ts';
import { authorOf } from '../rights/authorize.ts';
import { defaultAgent } from '../runs/agents.ts';
import { openApprovals } from '../runs/approvals.ts';
import { beginRun } from '../runs/begin-run.ts';
import { ownCommand } from '../runs/own-command.ts';

/** Who denies what nobody has answered. */
const participant: Participant = { id: 'holdfast', role: 'agent' };
const reason = 'Nobody answered in time.';

/**
 * Denies the approvals that nobody gave in time and has a run go on with that, in one step (HF-RUN-23): no
 * process can die between the two. False when this process does not have the agent. Rejects with the log's
 * error.
 */
export async function expireApprovals(core: Core, session: string): Promise<boolean> {
  const share = await core.hubs.acquire(session);
  let executing = false;
  try {
    const { hub } = share;
    const found = await hub.project((projection) => {
      const approvals = openApprovals(projection);
      const messageId = projection.last?.id ?? '';
      return { approvals, messageId, agentName: agentOf(projection, messageId) ?? defaultAgent };
    });
    const { approvals, messageId, agentName } = found;
    if (approvals.length === 0) return true;
    if (!core.scheduler.canRun(agentName)) return false;
    const agent = core.scheduler.agent(agentName);
    const answers = approvals.map((approvalId) => ({
      type: 'tool-approval-response',
      approvalId,
      approved: false,
      reason,
    }));
    const body: SendRequest = {
      id: session,
      command: ownCommand('expired', messageId, ...approvals).slice(0, 256),
      trigger: 'submit-message',
      continues: messageId,
      answers,
    };
    const by = authorOf(participant);
    const accepted = await accept(core, hub, body, { by, participant, agentName });
    if (!('outcome' in accepted) || accepted.outcome.kind !== 'accepted') return true;
    executing = true;
    const sending = { request: null, participant, agentName, agent };
    await beginRun(core, share, body, sending, accepted);
    return true;
  } finally {
    if (!executing) share.release();
  }
}
