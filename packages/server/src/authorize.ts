import { HoldfastError, type Presence } from '@holdfast/protocol';
import type { Authorize, AuthorizeRequest, Participant } from './options.ts';

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/;

/**
 * The rule without an `authorize` option: nobody, except in development those who ask for a
 * loopback host. The host is compared too, so that a foreign page that had its name resolved to
 * 127.0.0.1 is refused.
 */
const developmentOnly: Authorize = ({ request }) =>
  process.env.NODE_ENV !== 'production' && loopback.test(request.headers.get('host') ?? '')
    ? { id: 'developer' }
    : null;

/** Asks the application; refuses with `unauthorized` or `forbidden` (HF-FRM-6). */
export class Gatekeeper {
  readonly #authorize: Authorize;
  readonly #hint: string;

  constructor(authorize: Authorize | undefined) {
    this.#authorize = authorize ?? developmentOnly;
    this.#hint = authorize
      ? ''
      : '; give createHoldfast an `authorize` function (without one only a development server on a loopback host answers)';
  }

  async admit(question: AuthorizeRequest): Promise<Participant> {
    const participant = await this.#ask(question);
    if (participant && typeof participant.id === 'string' && participant.id !== '')
      return participant;
    throw new HoldfastError(
      question.action === 'connect' ? 'unauthorized' : 'forbidden',
      `unable to ${question.action}: not allowed${this.#hint}`,
    );
  }

  async #ask(question: AuthorizeRequest): Promise<Participant | null | undefined | false> {
    try {
      return await this.#authorize(question);
    } catch (cause) {
      throw new HoldfastError(
        'internal',
        `unable to ${question.action}: authorization failed; try again`,
        { cause, retryMs: 1_000 },
      );
    }
  }
}

/** The author to stamp on what a participant writes. */
export const authorOf = ({
  id,
  role = 'user',
}: Participant): {
  readonly id: string;
  readonly role: NonNullable<Participant['role']>;
} => ({ id, role });

/** The participant as others in the session see them. */
export const presentedAs = ({ id, role = 'user', info }: Participant): Omit<Presence, 'state'> => ({
  id,
  role,
  ...(info === undefined ? {} : { info }),
});
