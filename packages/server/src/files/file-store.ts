import { createHash, type Hash } from 'node:crypto';
import type { FileInfo, SessionLog } from '@holdfast/log';
import { HoldfastError, type Limits, type ValueReference } from '@holdfast/protocol';
import { conflict } from '../conflict.ts';
import { inWords, overLimit } from '../over-limit.ts';

type FileLimits = Pick<Limits, 'fileBytes' | 'filePieceBytes' | 'sessionFileBytes'>;

/** Media type of the files in whose place values have references. */
const jsonType = 'application/json';

/** Of an upload whose pieces are all there. */
export interface Upload {
  readonly upload: string;
  readonly mediaType: string;
  readonly pieces: number;
}

/** What a file is known by, once it is kept. */
export type KeptFile = Pick<FileInfo, 'digest' | 'bytes'>;

/** The files of sessions: what is too large for an entry, beside the log, by its digest (HF-FILE-1). */
export class FileStore {
  readonly #log: SessionLog;
  readonly #limits: FileLimits;

  constructor(log: SessionLog, limits: FileLimits) {
    this.#log = log;
    this.#limits = limits;
  }

  /**
   * Keeps a file; what the session has already is not written again. Rejects with `too_large`, `full` or
   * `unavailable`; repeating it is safe.
   */
  async keep(session: string, data: Uint8Array, mediaType: string): Promise<KeptFile> {
    const { fileBytes, filePieceBytes } = this.#limits;
    const bytes = data.byteLength;
    if (bytes > fileBytes)
      throw overLimit(
        'fileBytes',
        'too_large',
        `unable to keep the file: it is ${inWords(bytes)}; the limit is ${inWords(fileBytes, 'down')}`,
      );
    const digest = digestOf(createHash('sha256').update(data));
    if (await this.info(session, digest)) return { digest, bytes };
    // Begins as no name from outside may (HF-HTTP-10). Who keeps the same at the same time writes the same.
    const upload = `\u0001file ${digest}`;
    const pieces = Math.ceil(bytes / filePieceBytes);
    for (let index = 0; index < pieces; index++) {
      const at = index * filePieceBytes;
      await this.putPiece(session, upload, index, data.subarray(at, at + filePieceBytes));
    }
    const file = { digest, bytes, mediaType, pieces };
    const outcome = await this.#log.keepFile(session, upload, file);
    if (outcome === 'incomplete' && !(await this.info(session, digest)))
      throw new HoldfastError('unavailable', 'unable to keep a file: its pieces are gone; repeat');
    return { digest, bytes };
  }

  /** Keeps a value as its JSON, and gives what stands in its place. Rejects as `keep` does. */
  async keepValue(session: string, text: string): Promise<ValueReference> {
    const { digest, bytes } = await this.keep(session, Buffer.from(text), jsonType);
    return { $holdfast: digest, bytes };
  }

  /** True for the file of a value. */
  isValue({ mediaType }: Pick<FileInfo, 'mediaType'>): boolean {
    return mediaType === jsonType;
  }

  /** Throws `too_large` where a file may not have that many bytes. */
  checkSize(bytes: number): void {
    const { fileBytes } = this.#limits;
    if (bytes > fileBytes)
      throw overLimit(
        'fileBytes',
        'too_large',
        `unable to upload: the file is ${inWords(bytes)}; the limit is ${inWords(fileBytes, 'down')}`,
      );
  }

  /**
   * Puts a piece of an upload. Rejects with `too_large`, also where the file becomes so by it, `full` or `unavailable`;
   * repeating it is safe.
   */
  async putPiece(session: string, upload: string, index: number, data: Uint8Array): Promise<void> {
    // Those before it are as long, or longer where it is the last.
    if ((index + 1) * data.byteLength > this.#limits.fileBytes) throw this.#beyond();
    const outcome = await this.#log.putPiece(session, upload, index, data);
    if (outcome === 'put') return;
    const most = inWords(this.#limits.sessionFileBytes, 'down');
    throw overLimit(
      'sessionFileBytes',
      'full',
      `unable to keep the file: the files of this chat may be ${most} together, and there is no room for it; start a new chat`,
    );
  }

  /** The pieces that an upload has, from the first on. */
  piecesOf(session: string, upload: string): Promise<number> {
    return this.#log.piecesOf(session, upload);
  }

  /**
   * Makes a file of an upload, of which it holds one piece at a time. Rejects with `bad_request` for pieces of several
   * sizes, with `conflict` where pieces are missing, and with `too_large` or `unavailable`.
   */
  async finish(session: string, { upload, mediaType, pieces }: Upload): Promise<KeptFile> {
    const { fileBytes } = this.#limits;
    const hash = createHash('sha256');
    let bytes = 0;
    let first = 0;
    // What is replaced while it is read would stand under the digest of something else.
    const revision = await this.#log.revisionOf(session, upload);
    if (revision === null) throw missing();
    for (let index = 0; index < pieces; index++) {
      const piece = await this.#log.readPiece(session, { upload }, index);
      if (!piece) throw missing();
      if (index === 0) first = piece.byteLength;
      const isLast = index === pieces - 1;
      if (piece.byteLength > first || (!isLast && piece.byteLength < first))
        throw new HoldfastError(
          'bad_request',
          'unable to upload: all pieces but the last must be equally long, and that one no longer',
        );
      hash.update(piece);
      bytes += piece.byteLength;
      if (bytes > fileBytes) throw this.#beyond();
    }
    const digest = digestOf(hash);
    const file = { digest, bytes, mediaType, pieces };
    const outcome = await this.#log.keepFile(session, upload, file, revision);
    if (outcome === 'incomplete') throw missing();
    return { digest, bytes };
  }

  /** What is known of a file; null where the session has none of that digest. */
  info(session: string, digest: string): Promise<FileInfo | null> {
    return this.#log.fileInfo(session, digest);
  }

  /** The bytes of a file from `start` to before `end`, piece by piece. Throws `conflict` where the file has gone. */
  async *read(
    session: string,
    { digest, bytes }: Pick<FileInfo, 'digest' | 'bytes'>,
    { start = 0, end = bytes }: { readonly start?: number; readonly end?: number } = {},
  ): AsyncGenerator<Uint8Array> {
    if (start >= end) return;
    const first = await this.#pieceOf(session, digest, 0);
    // All pieces but the last are as long as the first.
    const size = first.byteLength;
    for (let at = start; at < end; ) {
      const index = Math.floor(at / size);
      const piece = index === 0 ? first : await this.#pieceOf(session, digest, index);
      const from = at - index * size;
      const part = piece.subarray(from, Math.min(piece.byteLength, from + end - at));
      if (part.byteLength === 0) throw gone();
      yield part;
      at += part.byteLength;
    }
  }

  /** Of one whose size is not known. */
  #beyond(): HoldfastError {
    const most = inWords(this.#limits.fileBytes, 'down');
    return overLimit(
      'fileBytes',
      'too_large',
      `unable to upload: the file is over ${most}, the limit`,
    );
  }

  async #pieceOf(session: string, digest: string, index: number): Promise<Uint8Array> {
    const piece = await this.#log.readPiece(session, { digest }, index);
    if (!piece || piece.byteLength === 0) throw gone();
    return piece;
  }
}

const digestOf = (hash: Hash): string => hash.digest('base64url');

const missing = (): HoldfastError =>
  conflict('gone', 'upload: pieces are missing; ask which are there, and send the rest');

const gone = (): HoldfastError => conflict('gone', 'read a file: the session was deleted');
