import { peerOf, withPeer } from '../edge/peer.ts';

/** What only the handshake of a socket was about: nobody is told apart by it, and it is half of what there is to keep. */
const handshake = ['sec-websocket-key', 'sec-websocket-version', 'sec-websocket-extensions'];

/**
 * The request that opened a socket, for as long as that is open: as the text that it amounts to, for a `Request` with
 * its headers takes several times as much memory, and is asked for once in minutes. Without the key, the version and
 * the extensions of the handshake. Of requests without a body that were made here; one that a host gives may have more
 * to it.
 */
export class KeptRequest {
  /** The URL, and the headers: a name and its value by turns. None of these has a line feed in it. */
  readonly #text: string;
  readonly #peer: string | undefined;

  constructor(request: Request) {
    const headers = [...request.headers].filter(([name]) => !handshake.includes(name));
    this.#text = [request.url, ...headers].flat().join('\n');
    this.#peer = peerOf(request);
  }

  /** Made anew each time. */
  get request(): Request {
    const [url = '', ...fields] = this.#text.split('\n');
    const headers = new Headers();
    for (let at = 0; at < fields.length; at += 2)
      headers.append(fields[at] ?? '', fields[at + 1] ?? '');
    const request = new Request(url, { headers });
    return this.#peer === undefined ? request : withPeer(request, this.#peer);
  }
}

/** What opened a socket. */
export type Opening = Request | KeptRequest;

export const requestOf = (opening: Opening): Request =>
  opening instanceof KeptRequest ? opening.request : opening;
