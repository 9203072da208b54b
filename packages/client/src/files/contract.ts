import type { OwnSend, SendState, SessionAct, Upload } from '../contract/session.ts';
import type { Environment } from '../environment.ts';

/** Asks below the address of the chat's route, and again until it is answered, as sends are. Rejects as they do. */
export type Ask = (path: string, asked: Asked) => Promise<unknown>;

/** What is undefined is left out. */
export type Query = Readonly<Record<string, string | number | undefined>>;

export interface Asked {
  readonly query?: Query;
  /** GET, where there is none. */
  readonly sent?: Sent;
  /** The member of the answer by which it is known; absent where it may be any JSON. */
  readonly member?: string;
  /** Whose files the answer refers to; absent where it is no word of ours. */
  readonly session?: string;
  /** How often it is asked at most. */
  readonly most?: number;
}

/** What a request carries: JSON, or bytes. Of all methods that could, every route has this one. */
export interface Sent {
  readonly method: 'POST';
  /** Of the body; they win over all others. */
  readonly headers: { readonly 'content-type': string };
  readonly body: string | Uint8Array<ArrayBuffer>;
}

/** What a client holds of messages already; undefined where every text is to be whole. */
export type Held = () =>
  | ReadonlyMap<
      string,
      readonly {
        readonly fold: { readonly chunks: readonly Readonly<Record<string, unknown>>[] };
      }[]
    >
  | undefined;

/** What files cost, which is loaded when there are some. */
export interface FileWork {
  /**
   * Puts into what came of a session what its references stand for: addresses of files, and values. Resolves with the
   * same object; never rejects, because what cannot be had is told in its place. Where something is
   * `held`, pieces of long texts that stand in front of all that is known stay references (HF-FOLD-5).
   */
  settle<T extends object>(session: string, came: T, held?: Held): Promise<T>;
  /**
   * Sends the files in what is to be posted ahead, asking as the post itself does. Resolves with what is to be posted
   * in its place, and rejects as sends do.
   */
  lift(session: string, content: object, ask: Ask): Promise<object>;
}

/** A session, as far as files are concerned. */
interface FileSession {
  /** It shows how far a file is. */
  readonly acts: ReadonlySet<SessionAct>;
  readonly move: (send: OwnSend, to: SendState) => void;
  /** Stands behind the addresses of its files. */
  query?: string | undefined;
  /** Has it told anew, with another query. */
  readonly startOver: () => void;
}

/** What the files of a client are worked with. */
export interface FilePorts {
  readonly route: () => {
    readonly repeat: Ask;
    readonly urlOf: (path: string) => string;
  };
  readonly session: (id: string) => FileSession;
  readonly environment: Pick<Environment, 'after' | 'now'>;
  /** Fires when the transport closes. */
  readonly signal: AbortSignal;
  readonly onUpload?: (upload: Upload) => void;
  /** Told of what nobody waits for. */
  readonly report: (error: unknown) => void;
}
