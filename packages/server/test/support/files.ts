import { createHash } from 'node:crypto';
import type { TestServer } from './server.ts';

/** Bytes that are nowhere the same. */
export function bytesOf(count: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count);
  let state = seed;
  for (let at = 0; at < count; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = state >>> 16;
  }
  return bytes;
}

export const digestOf = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('base64url');

type Headers = Readonly<Record<string, string>>;

/** The files of one session, as a client asks for them. */
export interface FileClient {
  readonly url: string;
  readonly piece: (upload: string, index: number | string, data: Uint8Array) => Promise<Response>;
  readonly finish: (upload: string, body: object) => Promise<Response>;
  readonly get: (path: string, headers?: Headers) => Promise<Response>;
  /** Uploads it whole, and gives its digest. */
  readonly upload: (data: Uint8Array, mediaType?: string) => Promise<string>;
}

export const pieceBytes = 262_144;

export function filesOf(
  { api }: Pick<TestServer, 'api'>,
  session: string,
  headers: Headers = {},
): FileClient {
  const url = `${api}/${session}/files`;
  const piece: FileClient['piece'] = (upload, index, data) =>
    fetch(`${url}/${upload}/${index}`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', ...headers },
      body: data as Uint8Array<ArrayBuffer>,
    });
  const finish: FileClient['finish'] = (upload, body) =>
    fetch(`${url}/${upload}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  return {
    url,
    piece,
    finish,
    get: (path, more = {}) => fetch(`${url}/${path}`, { headers: { ...headers, ...more } }),
    upload: async (data, mediaType = 'image/png') => {
      const upload = crypto.randomUUID();
      const pieces = Math.ceil(data.length / pieceBytes);
      for (let at = 0; at < pieces; at++)
        await piece(upload, at, data.subarray(at * pieceBytes, (at + 1) * pieceBytes));
      const response = await finish(upload, { mediaType, pieces });
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
      return digestOf(data);
    },
  };
}

/** The words with which a request is refused. */
export const refusalOf = async (
  response: Response,
): Promise<readonly [status: number, words: string]> => {
  const { error } = (await response.json()) as { readonly error: { readonly message: string } };
  return [response.status, error.message];
};

export const dataUrl = (bytes: Uint8Array, mediaType = 'image/png'): string =>
  `data:${mediaType};base64,${Buffer.from(bytes).toString('base64')}`;

/** A file in a message, as pages have it. */
export const filePart = (url: string, filename = 'photo.png'): Record<string, string> => ({
  type: 'file',
  mediaType: 'image/png',
  filename: filename,
  url: url,
});
