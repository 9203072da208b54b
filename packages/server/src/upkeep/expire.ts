import { HoldfastError, type SendRequest } from '@holdfast/protocol';
import { callsOf, chunksOfItem, type SessionProjection } from '@holdfast/protocol/projection';
import { takeAnswers } from '../commands/answer.ts';
import { accept, executeLater } from '../commands/send/send.ts';
import { agentOf } from '../commands/send/writer-of.ts';
import type { Participant } from '../contract/participant.ts';
import type { Core } from '../core.ts';
import { defaultAgent } from '../runs/agents.ts';
import { openApprovals } from '../runs/approvals.ts';
import { beginRun } from '../runs/execute.ts';
import { ownCommand } from '../runs/own-command.ts';

/** The participant who denies what nobody has answered. */
const participant: Participant = { id: 'holdfast', role: 'agent' };
const reason = 'Nobody answered in time.';

/**
 * How a session is left. `done`: no approval waits there. `elsewhere`: this process does not have the agent. `held`: an
 * operator answers, and no run may go on until that is over.
 */
type Expiry = 'done' | 'elsewhere' | 'held';

/**
 * Denies the approvals that nobody gave in time and has a run go on with that, in one step (HF-RUN-23): no
 * process can die between the two. Where calls beside them wait for a client, no run may go on yet: the one that
 * goes on with that client's answers is told of it. Rejects with the log's error.
 */
export async function expireApprovals(core: Core, session: string): Promise<Expiry> {
  return await core.hubs.use(session, async (hub) => {
    const { approvals, isHeld, unanswered, messageId, agentName } = await hub.project(
      (projection) => {
        const id = projection.last?.id ?? '';
        return {
          approvals: openApprovals(projection),
          isHeld: projection.operator !== null,
          unanswered: unansweredIn(projection),
          messageId: id,
          agentName: agentOf(projection, id) ?? defaultAgent,
        };
      },
    );
    if (approvals.length === 0) return 'done';
    // Denied now, nobody would go on with it when the operator hands back.
    if (isHeld) return 'held';
    const answers = approvals.map((approvalId) => ({
      type: 'tool-approval-response',
      approvalId,
      approved: false,
      reason,
    }));
    if (unanswered > approvals.length && core.openCalls !== 'keep') {
      await takeAnswers(core, session, { messageId, answers }, participant);
      return 'done';
    }
    if (!core.scheduler.canRun(agentName)) return 'elsewhere';
    const body: SendRequest = {
      id: session,
      command: ownCommand('expired', messageId, ...approvals).slice(0, 256),
      trigger: 'submit-message',
      continues: messageId,
      answers,
    };
    const accepted = await accept(core, hub, body, {
      participant,
      agentName,
      agentOf: (name) => core.scheduler.agent(name),
      onUnsure: (known) => executeLater(core, session, known),
    }).catch(nullWhereHeld);
    if (accepted === null) return 'held';
    if ('outcome' in accepted && accepted.outcome.kind === 'accepted')
      await beginRun(core, accepted);
    return 'done';
  });
}

/** For an operator who has taken over since the session was looked at. */
function nullWhereHeld(error: unknown): null {
  if (HoldfastError.is(error) && error.reason === 'operator') return null;
  throw error;
}

/** How many calls and approvals of the last message somebody has to answer. */
function unansweredIn({ last }: SessionProjection): number {
  return last?.kind === 'assistant' ? callsOf(chunksOfItem(last)).unanswered.size : 0;
}
