import type { HoldfastError } from '@holdfast/protocol';
import type { Ask, Sent } from './contract.ts';
import { type UploadEvent, type UploadState, uploads } from './upload-state.ts';

/** A file that is to be sent. */
export interface OutgoingFile {
  readonly session: string;
  /** The same for the same bytes of the same part, so that a later page goes on where an earlier one was cut. */
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Absent where the host cannot compute it. */
  readonly digest: string | undefined;
}

/** What a server knows of an upload, and how long a piece may be; `url` where the session has that file. */
interface Found {
  readonly pieces: number;
  readonly filePieceBytes?: number;
  readonly url?: string;
}

/** Bytes of a piece where the server does not say; all but the last are as long. */
const usualBytes = 262_144;
/** A server may forget pieces of an upload that took too long; it is begun so often. */
const begins = 3;

/** Told how many bytes the server has. */
export type OnSent = (sent: number) => void;

/**
 * Sends a file in pieces (HF-FILE-7): what the server has already is not sent again. Resolves with the reference, and
 * rejects as a send does.
 */
export async function upload(file: OutgoingFile, ask: Ask, onSent: OnSent): Promise<string> {
  const { session, name, mediaType, bytes, digest } = file;
  const path = `${session}/files/${name}`;
  let state: UploadState = 'asking' as UploadState;
  let url = '';
  let begun = 0;
  let pieceBytes = usualBytes;
  let pieces = 0;
  /** Pieces that the server has. */
  let there = 0;

  const on = (event: UploadEvent): void => {
    state = uploads[state][event] ?? state;
  };

  function keeps(found: string): void {
    url = found;
    onSent(bytes.length);
    on('kept');
  }

  function has({ pieces: now }: { readonly pieces: number }): void {
    there = now;
    onSent(Math.min(there * pieceBytes, bytes.length));
    on(there < pieces ? 'some' : 'none');
  }

  async function end(): Promise<void> {
    const body = JSON.stringify({ mediaType, pieces, digest });
    try {
      const kept = await ask(path, { sent: posted('json', body), member: 'url' });
      keeps((kept as { readonly url: string }).url);
    } catch (error) {
      const isGap = (error as Partial<HoldfastError>).code === 'conflict';
      if (!isGap || ++begun > begins) throw error;
      on('gap');
    }
  }

  async function look(): Promise<void> {
    // One that is too large is refused before its first piece.
    const query = { upload: digest ?? '', bytes: bytes.length };
    const found = (await ask(path, { query, member: 'pieces' })) as Found;
    pieceBytes = found.filePieceBytes ?? usualBytes;
    pieces = Math.ceil(bytes.length / pieceBytes);
    if (found.url) keeps(found.url);
    else has(found);
  }

  async function put(): Promise<void> {
    const at = there * pieceBytes;
    const body = bytes.subarray(at, at + pieceBytes);
    const sent = posted('octet-stream', body);
    has((await ask(`${path}/${there}`, { sent, member: 'pieces' })) as { readonly pieces: number });
  }

  for (;;)
    switch (state) {
      case 'ending':
        await end();
        break;
      case 'asking':
        await look();
        break;
      case 'putting':
        await put();
        break;
      case 'kept':
        return url;
    }
}

const posted = (type: string, body: Sent['body']): Sent => ({
  method: 'POST',
  headers: { 'content-type': `application/${type}` },
  body,
});
