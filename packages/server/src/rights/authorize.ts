import { HoldfastError, type Presence } from '@holdfast/protocol';
import type { Report } from '../contract/options.ts';
import type {
  Admitted,
  Authorize,
  AuthorizeRequest,
  Participant,
} from '../contract/participant.ts';
import { developmentOnly } from '../development-only.ts';
import type { Environment } from '../environment.ts';
import { within } from '../within.ts';
import { authorizeFault } from './authorize-fault.ts';
import { Crowds } from './crowds.ts';
import { isOperator } from './operator.ts';
import { participantOf } from './participant.ts';
import { controlSession } from './revocations.ts';

/** Actions that were all `send` before they had names of their own. */
const onceSend: ReadonlySet<AuthorizeRequest['action']> = new Set([
  'edit',
  'answer',
  'steer',
  'queue',
  'handoff',
]);

export interface GatekeeperOptions {
  readonly environment: Pick<Environment, 'after'>;
  /** How long the application may take to answer, in ms. */
  readonly authorizeMs: number;
  readonly report: Report;
}

/** Asks the application; refuses with `unauthorized` or `forbidden` (HF-FRM-6). */
export class Gatekeeper {
  readonly #authorize: Authorize;
  readonly #options: GatekeeperOptions;
  readonly #hint: string;
  readonly #crowds = new Crowds();
  /** Told once, since every question would tell of it again. */
  #isRoleTold = false;

  constructor(authorize: Authorize | undefined, options: GatekeeperOptions) {
    this.#authorize = authorize ?? developmentOnly;
    this.#options = options;
    this.#hint = authorize
      ? ''
      : '; give createHoldfast an `authorize` function (without one only a development server answers, and only its own machine)';
  }

  async admit(question: AuthorizeRequest): Promise<Participant> {
    const isOurs = question.sessionId === controlSession;
    const participant = isOurs ? null : await this.#allowed(question);
    if (participant) {
      const { id, role } = participant;
      // Operators visit what is others'.
      if (question.sessionId !== null && role === undefined)
        this.#crowds.admitted(question.sessionId, id);
      return participant;
    }
    throw new HoldfastError(
      question.action === 'connect' ? 'unauthorized' : 'forbidden',
      `unable to ${question.action}: not allowed${this.#hint}`,
    );
  }

  /**
   * A function that was written when there was only `send` knows nothing of its kinds: whom it refuses that,
   * it must not find answering or editing. One that says what somebody `may` do is taken at its word.
   */
  async #allowed(question: AuthorizeRequest): Promise<Participant | null> {
    const given = await this.#ask(question);
    const may = given ? given.may : undefined;
    // A row of users may have another member of this name.
    if (Array.isArray(may) && question.action !== 'connect' && !may.includes(question.action))
      return null;
    if (Array.isArray(may)) return this.#participant(given);
    if (!onceSend.has(question.action)) return this.#participant(given);
    if (given === null || given === false) return null;
    return this.#participant(await this.#ask({ ...question, action: 'send' } as AuthorizeRequest));
  }

  #participant(given: Admitted | null | undefined | false): Participant | null {
    if (!given) return null;
    const { role } = given as { readonly role?: unknown };
    if ((role === 'operator' || role === 'agent') && !isOperator(given)) this.#tellOfRole(role);
    return participantOf(given);
  }

  /** Tells whoever means it how to say it; a row of users with such a role is told once, too. */
  #tellOfRole(role: 'operator' | 'agent'): void {
    if (this.#isRoleTold) return;
    this.#isRoleTold = true;
    const cure =
      role === 'operator'
        ? 'where the person may take the agents’ place, return asOperator({ id }) of @holdfast/server'
        : 'agents run in the server, with `holdfast.session(id).run`';
    this.#options.report(
      new HoldfastError(
        'internal',
        `unable to use a role: \`authorize\` gave the role \`${role}\`, which counts as \`user\`, since it may be that of a row of users; ${cure}`,
      ),
      {},
    );
  }

  async #ask(question: AuthorizeRequest): Promise<Admitted | null | undefined | false> {
    const { environment, authorizeMs } = this.#options;
    try {
      return await within(environment, authorizeMs, this.#authorize(question), () => {
        throw new Error(`authorize took longer than ${authorizeMs} ms`);
      });
    } catch (cause) {
      throw authorizeFault(question.action, cause);
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
