import { type CloseCode, closeCodes, HoldfastError } from '@holdfast/protocol';
import type { Participant } from '../contract/participant.ts';
import type { Core } from '../core.ts';
import { type Opening, requestOf } from './kept-request.ts';

/** The participant that a socket is, by which token, and for how long. */
export interface Credentials {
  readonly participant: Participant;
  readonly token: string | undefined;
  /** When to ask for new ones: null when that was done, or these do not end. */
  readonly askAt: number | null;
  /** When these end; null when they do not. */
  readonly endAt: number | null;
}

/** New credentials are asked for when this part of their life is over. */
const askShare = 0.8;

function credentialsOf(
  participant: Participant,
  token: string | undefined,
  now: number,
): Credentials {
  const { expiresInMs: life } = participant;
  if (life === undefined) return { participant, token, askAt: null, endAt: null };
  return { participant, token, askAt: now + life * askShare, endAt: now + life };
}

/** Asks who is there; the code to close with when the answer is nobody. */
export async function admitted(
  core: Core,
  opening: Opening,
  token: string | undefined,
): Promise<Credentials | CloseCode> {
  try {
    const request = requestOf(opening);
    const asked = { action: 'connect', sessionId: null, request, token } as const;
    const participant = await core.gatekeeper.admit(asked);
    return credentialsOf(participant, token, core.environment.now());
  } catch (error) {
    const refused = HoldfastError.is(error) && error.code === 'unauthorized';
    if (!refused) core.report(error, {});
    return refused ? closeCodes.unauthorized : closeCodes.internal;
  }
}
