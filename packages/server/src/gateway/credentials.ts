import type { Participant } from '../contract/participant.ts';

/** The participant that a socket is, by which token, and for how long. */
export interface Credentials {
  readonly participant: Participant;
  readonly token: string | undefined;
  /** When to ask for new ones, and when these end; Infinity when they do not. */
  readonly askAt: number;
  readonly endAt: number;
}

/** New credentials are asked for when this part of their life is over. */
const askShare = 0.8;

export function credentialsOf(
  participant: Participant,
  token: string | undefined,
  now: number,
): Credentials {
  const life = participant.expiresInMs ?? Number.POSITIVE_INFINITY;
  return { participant, token, askAt: now + life * askShare, endAt: now + life };
}
