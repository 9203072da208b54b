import type { Author } from '@holdfast/protocol';
import type { MaybePromise } from './maybe-promise.ts';

/** A participant whom `authorize` lets in. `asOperator` makes an operator of one. */
export interface Admitted {
  /** Stable and unique among the application's users. */
  readonly id: string;
  /**
   * Told to all who may read a session that the participant is in, such as a name or the address of
   * a picture. At most `presenceInfoBytes` of JSON (1 KiB): a larger one is left out, and `onError` told.
   */
  readonly info?: Readonly<Record<string, unknown>> | undefined;
  /**
   * How long the credentials are good for, in ms; the client is asked for new ones before. 0 or less
   * refuses.
   * @default for ever
   */
  readonly expiresInMs?: number | undefined;
  /**
   * All that the participant may do in the session: nothing that is not in the list, whatever the function would
   * say of it.
   */
  readonly may?: readonly SessionAction[] | undefined;
}

/** The participant who acts, as the server established it. */
export interface Participant extends Omit<Admitted, 'may'> {
  /** `agent` is code of the server. @default 'user' */
  readonly role?: Author['role'];
}

/**
 * The actions in a session. `send`: write a message, or ask for an answer. `edit`: change a message
 * of one's own, or have an answer written anew; what stands behind it goes. `answer`: give outputs of client
 * tools and approvals. `steer`: write to a run that is under way. `queue`: reorder what waits, or take it
 * out, also that of others. `cancel`: stop a run. `handoff`: take the agents' place, for operators.
 */
export type SessionAction =
  | 'read'
  | 'send'
  | 'edit'
  | 'answer'
  | 'steer'
  | 'queue'
  | 'cancel'
  | 'handoff'
  | 'delete';

/**
 * A question to the application: may the holder of these credentials do this?
 * `connect` names no session. It comes once per socket, and for a request whose body is over `requestBytes`.
 */
export type AuthorizeRequest = {
  /**
   * The HTTP request, or the one that opened the socket; without a body. Over a socket of `attach` it is an object of
   * its own each time, of the same URL and headers.
   */
  readonly request: Request;
  /**
   * The value of the client's `token` option, over the socket, or as `Authorization: Bearer` of an HTTP request;
   * undefined for those that rely on cookies or headers of their own.
   */
  readonly token: string | undefined;
} & (
  | {
      /** A socket is opened, or a large body is to be read that names its session. */
      readonly action: 'connect';
      /** None: a socket follows many sessions, each of which is asked for with `read`. */
      readonly sessionId: null;
    }
  | {
      /** The action to be done. */
      readonly action: SessionAction;
      /** Session in which it is to be done; it need not exist. */
      readonly sessionId: string;
    }
);

/**
 * Gives the participant, or nothing to refuse. `edit`, `answer`, `steer`, `queue` and `handoff` are kinds of
 * `send`: who may do one of them is asked for `send` too, and `undefined`, which a function gives that does not
 * know the action, leaves it to that. Where it gives `may`, that list alone decides. A rejection counts as a
 * fault, not as a refusal. Of what it gives only the members of {@link Admitted} are kept: no other member, such as
 * a `role`, is looked at or stored.
 */
export type Authorize = (
  request: AuthorizeRequest,
) => MaybePromise<Admitted | null | undefined | false>;
