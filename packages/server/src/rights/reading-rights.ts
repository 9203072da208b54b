import { HoldfastError } from '@holdfast/protocol';
import type { Environment } from '../environment.ts';

/** A right to read, of somebody who follows a session by it. */
export interface ReadingRight {
  readonly session: string;
  /** When to ask for it again. */
  askAt: number;
}

/** Who reads by rights. */
export interface RightsHolder {
  /** Rejects with `forbidden` when the session may not be read any more. */
  ask(session: string): Promise<unknown>;
  /** False when the session is not followed by it any more. */
  reads(right: ReadingRight): boolean;
  /** The right is gone. */
  evict(session: string): void;
  report(error: unknown, session: string): void;
}

interface RightsLimits {
  readonly recheckMs: number;
}

/** How soon it is asked again when the application could not tell, in ms. */
const againMs = 30_000;
/** Over how long a hurried look at all sessions is spread, in ms: all sockets of a process may hurry at once. */
const hurryMs = 10_000;

/** Asks again for those rights whose time has come, as it has every `recheckMs` (HF-AUTH-3). */
export function askAgain(
  rights: Iterable<ReadingRight>,
  now: number,
  holder: RightsHolder,
  limits: RightsLimits,
): void {
  for (const right of rights) if (right.askAt <= now) void ask(right, now, holder, limits);
}

/** Has all of them asked for within `withinMs`. */
export function hurry(
  rights: Iterable<ReadingRight>,
  environment: Pick<Environment, 'now' | 'nonce'>,
  withinMs: number = hurryMs,
): void {
  for (const right of rights) {
    const share = environment.nonce() / 2 ** 31;
    right.askAt = Math.min(right.askAt, environment.now() + share * withinMs);
  }
}

async function ask(
  right: ReadingRight,
  now: number,
  holder: RightsHolder,
  { recheckMs }: RightsLimits,
): Promise<void> {
  const { session } = right;
  right.askAt = now + recheckMs;
  try {
    await holder.ask(session);
  } catch (error) {
    if (!holder.reads(right)) return;
    if (HoldfastError.is(error) && error.code === 'forbidden') {
      holder.evict(session);
      return;
    }
    // An application whose database is away has taken no right from anybody.
    right.askAt = now + Math.min(againMs, recheckMs);
    holder.report(error, session);
  }
}
