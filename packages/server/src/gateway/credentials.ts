import type { Participant } from '../contract/participant.ts';

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

export function credentialsOf(
  participant: Participant,
  token: string | undefined,
  now: number,
): Credentials {
  const { expiresInMs: life } = participant;
  if (life === undefined) return { participant, token, askAt: null, endAt: null };
  return { participant, token, askAt: now + life * askShare, endAt: now + life };
}
