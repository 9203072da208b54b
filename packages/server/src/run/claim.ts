import { type ClaimResponse, HoldfastError } from '@holdfast/protocol';
import { callKey, callsOf } from '@holdfast/protocol/projection';
import type { Core } from '../core.ts';
import { goneMessage } from './answer.ts';
import { retryUnavailable } from './writer.ts';

/** How long it is repeated to the log before the client is told to repeat it itself, in ms. */
const patienceMs = 5_000;

export interface Claim {
  readonly messageId: string;
  readonly toolCallId: string;
  /** Names the client, and never who uses it: two tabs of one user are two holders. */
  readonly holder: string;
  readonly release: boolean;
}

/**
 * Lets one client at a time execute a tool call (HF-HTTP-15). Rejects with `bad_request` for a call
 * that the message does not have, with `conflict` for a message that is gone, and with `unavailable`.
 */
export async function claimCall(
  { hubs, log, limits, environment }: Core,
  session: string,
  { messageId, toolCallId, holder, release }: Claim,
): Promise<ClaimResponse> {
  const share = await hubs.acquire(session);
  try {
    const isOpen = await share.hub.project(async (projection, _, view) => {
      await view.reach(messageId);
      const chunks = projection.chunksOf(messageId);
      if (!chunks) throw goneMessage('claim the call');
      const { all, unanswered } = callsOf(chunks);
      const key = callKey('call', toolCallId);
      if (!all.has(key))
        throw new HoldfastError(
          'bad_request',
          'unable to claim the call: the message has no such tool call',
        );
      return unanswered.has(key);
    });
    if (!isOpen) return { state: 'settled' };
    const leaseMs = release ? 0 : limits.claimMs;
    const claim = { name: `${messageId} ${toolCallId}`, holder, leaseMs };
    const outcome = await retryUnavailable(
      () => log.claim(session, claim),
      patienceMs,
      environment,
    );
    return outcome.kind === 'held'
      ? { state: 'held', leaseMs }
      : { state: 'taken', retryMs: outcome.leftMs };
  } finally {
    share.release();
  }
}
