import { defaultLimits, HoldfastError, type Limits } from '@holdfast/protocol';

/** Frames of a client for each session that it begins to follow and to show, also twice at the same moment. */
const framesPerSubscription = 4;

/** What the log holds a run or a claim for: it takes whole milliseconds, and none would be a claim of everybody's. */
const leases = ['leaseMs', 'claimMs', 'dispatchMs'] as const;

/**
 * The limits as they hold together (HF-CONN-10): without a `framesBurst` of its own a server takes what
 * `subscriptions` need. One that is `undefined`, as of a variable that is not set, has its default. Throws
 * `bad_request` for what is no number or no lease, and for one that its clients would pass by following what they may.
 */
export function limitsOf(options: Partial<Limits> = {}): Limits {
  const named = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [name, value] of named)
    if (typeof value !== 'number' || Number.isNaN(value))
      throw new HoldfastError(
        'bad_request',
        `unable to begin: limits.${name} is ${value}, which is no number; is its variable set?`,
      );
  const given: Partial<Limits> = Object.fromEntries(named);
  for (const name of leases) {
    const { [name]: ms = 1 } = given;
    if (!Number.isSafeInteger(ms) || ms < 1)
      throw new HoldfastError(
        'bad_request',
        `unable to begin: limits.${name} is ${ms}, and has to be a whole number of milliseconds, from 1 on`,
      );
  }
  const { subscriptions = defaultLimits.subscriptions } = given;
  const least = framesPerSubscription * subscriptions;
  const framesBurst = given.framesBurst ?? Math.max(defaultLimits.framesBurst, least);
  if (framesBurst < least)
    throw new HoldfastError(
      'bad_request',
      `unable to begin: limits.framesBurst is ${framesBurst}, and a client that follows ${subscriptions} sessions says ${least} frames at once; raise it, or lower limits.subscriptions`,
    );
  return { ...defaultLimits, ...given, framesBurst };
}
