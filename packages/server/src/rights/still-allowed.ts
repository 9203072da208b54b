import { HoldfastError, type Limits } from '@holdfast/protocol';
import type { HoldfastOptions } from '../contract/options.ts';
import type { Participant } from '../contract/participant.ts';
import type { Environment } from '../environment.ts';
import { within } from '../within.ts';

/** Asks whether work may begin that was asked for a while ago (HF-AUTH-4). */
export type IsStillAllowed = (sessionId: string, participant: Participant) => Promise<boolean>;

/**
 * Asks the application's function; everybody is allowed without one. Code of the server has no rights that
 * could end. Rejects with `unavailable` when the function fails, or takes longer than `authorizeMs`: the work is then
 * looked at again, and nothing of its session has to wait for the answer.
 */
export const isStillAllowed =
  (
    option: HoldfastOptions['stillAllowed'],
    environment: Pick<Environment, 'after'>,
    { authorizeMs }: Pick<Limits, 'authorizeMs'>,
  ): IsStillAllowed =>
  async (sessionId, participant) => {
    if (!option || participant.role === 'agent') return true;
    try {
      const asked = option({ sessionId, participant });
      const answer = await within(environment, authorizeMs, asked, () => {
        throw new Error(`stillAllowed took longer than ${authorizeMs} ms`);
      });
      return answer === true;
    } catch (cause) {
      throw new HoldfastError(
        'unavailable',
        'unable to begin: whether the participant is still allowed could not be told; see `stillAllowed`',
        { cause, retryMs: 5_000 },
      );
    }
  };

/** Why work does not begin that its author may not ask for any more. */
export const forbiddenWork = (): HoldfastError =>
  new HoldfastError(
    'forbidden',
    'unable to begin: whoever asked for it is not allowed to any more; it is taken out',
  );
