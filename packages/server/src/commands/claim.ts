import { type ClaimResponse, HoldfastError } from '@holdfast/protocol';
import { callKey, callsOf, chunksOfItem } from '@holdfast/protocol/projection';
import type { IsClientTool } from '../contract/client-tools.ts';
import type { Participant } from '../contract/participant.ts';
import type { Core } from '../core.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import type { SessionHub } from '../session/hub.ts';
import { goneMessage } from './answer.ts';
import { answerability } from './client-tools.ts';
import { lookLoaded } from './load.ts';

/** How long it is repeated to the log before the client is told to repeat it itself, in ms. */
const retryForMs = 5_000;

export interface Claim {
  readonly messageId: string;
  readonly toolCallId: string;
  /** Names the client, and never who uses it: two tabs of one user are two holders. */
  readonly holder: string;
  readonly release: boolean;
  /** Which tools are the clients', where the route says so. */
  readonly isClientTool?: IsClientTool | null | undefined;
}

/**
 * Lets one client at a time execute a tool call (HF-HTTP-32). Rejects with `bad_request` for a call
 * that the message does not have, with `conflict` for a message that is gone, and with `unavailable`.
 */
export async function claimCall(
  core: Core,
  session: string,
  claimed: Claim,
  participant: Participant,
): Promise<ClaimResponse> {
  const { messageId, toolCallId, holder, release } = claimed;
  const look = (hub: SessionHub) =>
    lookLoaded(core, hub, { participant }, () => isOpen(core, hub, claimed));
  if (!(await core.hubs.use(session, look))) return { state: 'settled' };
  const leaseMs = release ? 0 : core.limits.claimMs;
  const claim = { name: `${messageId} ${toolCallId}`, holder, leaseMs };
  const ask = () => core.log.claim(session, claim);
  const outcome = await retryUnavailable(ask, retryForMs, core.environment);
  if (outcome.kind === 'full')
    throw new HoldfastError(
      'limit',
      'unable to claim the call: too many calls of the session are claimed; answer some of them first',
    );
  return outcome.kind === 'held'
    ? { state: 'held', leaseMs }
    : { state: 'taken', retryMs: outcome.leftMs };
}

/** True when the call is there, is the clients', and waits for an answer. */
const isOpen = (core: Core, hub: SessionHub, claimed: Claim): Promise<boolean> =>
  hub.project(async (projection, _, view) => {
    const { messageId, toolCallId, isClientTool = core.isClientTool } = claimed;
    await view.reach(messageId);
    const item = projection.item(messageId);
    if (item?.kind !== 'assistant') throw goneMessage('claim the call');
    const { all, unanswered } = callsOf(chunksOfItem(item));
    const key = callKey('call', toolCallId);
    if (!all.has(key))
      throw new HoldfastError(
        'bad_request',
        'unable to claim the call: the message has no such tool call',
      );
    const isUnanswered = unanswered.has(key);
    if (isUnanswered && answerability(projection, item, isClientTool)(key) === 'never')
      throw new HoldfastError(
        'bad_request',
        'unable to claim the call: clients do not execute this tool; leave it to its agent',
      );
    return isUnanswered;
  });
