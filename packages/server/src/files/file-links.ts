import { createHmac, timingSafeEqual } from 'node:crypto';
import { HoldfastError } from '@holdfast/protocol';
import type { FileLinkOptions } from '../contract/options.ts';
import type { Environment } from '../environment.ts';

/** The least characters of a secret: 128 bits, written in hexadecimal digits. */
const leastSecret = 32;
const hourMs = 3_600_000;

/** What a query says that stands behind a file's URL. `none`: it is not signed. */
export type SignedLink =
  | { readonly kind: 'none' | 'expired' | 'forged' }
  | { readonly kind: 'valid'; readonly participant: string };

/** Signs URLs of files, for applications whose credentials no `<img>` can send (HF-FILE-8). */
export class FileLinks {
  readonly #options: FileLinkOptions | undefined;
  readonly #environment: Pick<Environment, 'date'>;

  /** Throws `bad_request` for a secret that could be guessed. */
  constructor(options: FileLinkOptions | undefined, environment: Pick<Environment, 'date'>) {
    if (options && !(typeof options.secret === 'string' && options.secret.length >= leastSecret))
      throw new HoldfastError(
        'bad_request',
        `unable to begin: \`files.secret\` must be a text of at least ${leastSecret} characters, such as \`openssl rand -hex 32\` gives`,
      );
    this.#options = options;
    this.#environment = environment;
  }

  /** The query for the files of a session; undefined where URLs are not signed. */
  query(session: string, participant: string): string | undefined {
    if (!this.#options) return undefined;
    const { secret, urlMs = hourMs } = this.#options;
    const until = String(this.#environment.date() + urlMs);
    const s = seal(secret, session, until, participant);
    return new URLSearchParams({ u: until, p: participant, s }).toString();
  }

  verify(session: string, query: URLSearchParams): SignedLink {
    const [until, participant, given] = ['u', 'p', 's'].map((name) => query.get(name));
    if (!this.#options || until == null || participant == null || given == null)
      return { kind: 'none' };
    const known = Buffer.from(seal(this.#options.secret, session, until, participant));
    const asked = Buffer.from(given);
    if (asked.byteLength !== known.byteLength || !timingSafeEqual(asked, known))
      return { kind: 'forged' };
    if (Number(until) <= this.#environment.date()) return { kind: 'expired' };
    return { kind: 'valid', participant };
  }
}

const seal = (secret: string, ...named: readonly string[]): string =>
  createHmac('sha256', secret)
    .update(JSON.stringify(['holdfast file', ...named]))
    .digest('base64url');
