import type { ClientLimits } from '@holdfast/protocol';
import type { HttpChatTransportInitOptions, UIMessage } from 'ai';
import type { Environment } from '../environment.ts';
import type { Resolvable } from '../resolvable.ts';
import type { Carrier, SocketConstructor } from './connection.ts';
import type { Upload } from './session.ts';

/** The part of the Web's `Storage` that is used: `localStorage` is one. */
export interface OutboxStorage extends Pick<Storage, 'getItem' | 'key' | 'length'> {
  /** Keeps a value. The promise of one that writes later is waited for by nobody; that it rejects is told. */
  setItem(key: string, value: string): unknown;
  /** Forgets a value; as `setItem`. */
  removeItem(key: string): unknown;
}

/** Where sends wait that the server has not answered. */
export interface OutboxOptions {
  /**
   * Where sends outlive the page, such as `localStorage`; absent, they live as long as it does. Kept
   * are the message and what stands in `body` and `metadata`, never headers or tokens. Sends older than 24 h are
   * left alone. Where the storage fails, such as when it is full, `onError` is told and the send goes out all the same.
   * @default none
   */
  readonly storage?: OutboxStorage | undefined;
  /**
   * The owner of the sends: those of another owner are left alone. Give the user's id where several
   * people may use one browser.
   * @default nobody in particular
   */
  readonly owner?: string | undefined;
  /**
   * Called once, before the storage is first read: resolves when it can be. Sends wait for it, so it has to
   * have a bound; a rejection is told, and they go on. `asyncOutbox` of `/native` has one.
   */
  readonly ready?: (() => PromiseLike<void>) | undefined;
}

/** Options of `createChatTransport`. */
export interface ChatTransportOptions<UI_MESSAGE extends UIMessage = UIMessage> {
  /** Where the Holdfast route is: a URL, or a path on the host of the page. @default '/api/chat' */
  readonly api?: string;
  /**
   * Where the gateway is: a WebSocket or HTTP URL, or a path on the host of `api` or of the page.
   * @default '/holdfast'
   */
  readonly url?: string | undefined;
  /** Sent with each request; a call's own headers win. Read again for each. @default none */
  readonly headers?: Resolvable<Record<string, string> | Headers>;
  /** Given to the agent with each send; a call's own members win. Read once for each send. @default none */
  readonly body?: Resolvable<object>;
  /** Given to the agent with each send that brings no metadata of its own. Read once for each send. @default none */
  readonly metadata?: Resolvable<unknown>;
  /** Whether HTTP requests carry cookies: `include` for a route of another origin. @default the browser's: 'same-origin' */
  readonly credentials?: Resolvable<RequestCredentials>;
  /** Looked up at each use. @default globalThis.fetch */
  readonly fetch?: typeof globalThis.fetch;
  /**
   * As `DefaultChatTransport` has it; called once for each message or answer that is sent, with the whole list,
   * or of `enqueue`, `steer` and `post` with that message alone. Of the `body` that it returns the agent is given
   * what is the application's own: all but `id`, `messages`, `message`, `trigger` and `messageId`. The new
   * message in it, as `message` or as the last of `messages`, is the one that is sent. `headers`, `credentials` and `api`
   * hold for all tries of this send; what may expire is better given as `headers` or `token`. When it
   * throws, nothing is sent, and the chat gets the error.
   */
  readonly prepareSendMessagesRequest?: HttpChatTransportInitOptions<UI_MESSAGE>['prepareSendMessagesRequest'];
  /**
   * Says who this is: when a socket opens and again when the gateway asks for a fresh one, and with each HTTP
   * request as `Authorization: Bearer`, unless `headers` have an `authorization` of their own. A function is
   * asked each time, and once more when a request is answered 401. What no header can carry (other than
   * printable ASCII) goes over the socket only. Not needed where cookies say it. One that rejects, or gives
   * nothing for 8 s, counts as a failed try, and is asked again: what it gives later is not used.
   * @default none
   */
  readonly token?: Resolvable<string | undefined>;
  /**
   * The meaning of the SDK's abort signal once a reply is under way: `cancel` stops the run for
   * everybody, `detach` only stops watching it. An abort by an unmount always detaches where
   * `useSession` is used.
   * @default 'cancel'
   */
  readonly onAbort?: 'cancel' | 'detach';
  /**
   * Sends of one chat go out one after the other, also when the network is away. With a `storage`, those
   * that were not answered are sent by the next page that uses a transport with the same `api`. At most 100 of a
   * chat wait; one more is refused as `limit`.
   */
  readonly outbox?: OutboxOptions;
  /**
   * What carries sessions. `auto`: a socket, or HTTP where none opens, or one says nothing for `probeMs`; the socket
   * is then tried again from time to time, and taken once it answers. A page in which a socket has worked goes over
   * to HTTP only behind 8 failed tries. `socket` or `http`: only that.
   * @default 'auto'
   */
  readonly carrier?: 'auto' | Carrier;
  /**
   * The class with which sockets are opened.
   * @default globalThis.WebSocket
   */
  readonly WebSocket?: SocketConstructor;
  /**
   * Told of faults that no caller gets to see, each time. Never given contents or credentials.
   * @default warns in the console, once for each kind of fault
   */
  readonly onError?: (error: unknown) => void;
  /**
   * Told how far a file is that a message brings as data, of more than 16 kB: before it is sent, and behind each
   * piece of 256 kB. One that was cut begins where it was.
   * @default nobody is told; `pending` of the hooks has it, too
   */
  readonly onUpload?: (upload: Upload) => void;
  /** Limits in place of the defaults; must not be looser than the gateway's. `ClientLimits` says of each its unit. @default those of PROTOCOL.md section 14 */
  readonly limits?: Partial<ClientLimits>;
  /** Clock, chance, ids and page, for tests and for hosts that are neither browser nor Node. @default the host's own */
  readonly environment?: Partial<Environment>;
}
