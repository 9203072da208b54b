import { HoldfastError, type Presence } from '@holdfast/protocol';
import { developmentOnly } from './development-only.ts';
import type { Authorize, AuthorizeRequest, Participant, Report } from './options.ts';
import { participantOf } from './rights/participant.ts';
import { controlSession } from './rights/revocations.ts';
import { within } from './within.ts';

/** Actions that were all `send` before they had names of their own. */
const onceSend: ReadonlySet<AuthorizeRequest['action']> = new Set([
  'edit',
  'answer',
  'steer',
  'queue',
  'handoff',
]);

/** Asks the application; refuses with `unauthorized` or `forbidden` (HF-FRM-6). */
export class Gatekeeper {
  readonly #authorize: Authorize;
  readonly #report: Report;
  readonly #hint: string;
  readonly #authorizeMs: number;
  /** Roles that were told of: once each, since every question would tell of them again. */
  readonly #unknownRoles = new Set<string>();

  constructor(authorize: Authorize | undefined, report: Report, authorizeMs: number) {
    this.#authorizeMs = authorizeMs;
    this.#authorize = authorize ?? developmentOnly;
    this.#report = report;
    this.#hint = authorize
      ? ''
      : '; give createHoldfast an `authorize` function (without one only a development server answers, and only its own machine)';
  }

  async admit(question: AuthorizeRequest): Promise<Participant> {
    const isOurs = question.sessionId === controlSession;
    const participant = isOurs ? null : await this.#allowed(question);
    if (participant) return participant;
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

  #participant(given: Participant | null | undefined | false): Participant | null {
    return given ? participantOf(given, (role) => this.#unknownRole(role)) : null;
  }

  #unknownRole(role: unknown): void {
    const name = String(role).slice(0, 64);
    if (this.#unknownRoles.size >= 16 || this.#unknownRoles.has(name)) return;
    this.#unknownRoles.add(name);
    const reason = `\`authorize\` gave the role ${JSON.stringify(name)}, which Holdfast does not have`;
    this.#report(
      new HoldfastError(
        'internal',
        `unable to use a role: ${reason}; who has it counts as \`user\`. Give \`role\` as user, agent or operator, or leave it out`,
      ),
      {},
    );
  }

  async #ask(question: AuthorizeRequest): Promise<Participant | null | undefined | false> {
    try {
      return await within(this.#authorize(question), this.#authorizeMs, 'authorize');
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
