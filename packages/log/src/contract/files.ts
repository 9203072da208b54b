/**
 * Contents that are too large for an entry, beside the log: by session, and by the digest of what they are. A file
 * comes in pieces, as an upload, and is made of these once all of them are there (HF-LOG-39).
 *
 * A session that exists keeps them as long as itself; without one they are kept for `uploadMs`, as an upload is that
 * was not finished (HF-LOG-41). None of these methods counts as activity of the session.
 */
export interface Files {
  /**
   * Puts one piece of an upload, which begins with the first. The same again changes nothing; another one at its
   * place replaces it. A piece of more than `filePieceBytes` rejects with `too_large`.
   */
  putPiece(
    session: string,
    upload: string,
    index: number,
    data: Uint8Array | Mark,
  ): Promise<PutOutcome>;

  /** Count of the pieces that an upload has, from 0 on without a hole; 0 when there is no such upload. */
  piecesOf(session: string, upload: string): Promise<number>;

  /**
   * Changes when a piece that an upload has is replaced, or the name stands for another upload; `null` when there is
   * none. Asked before the pieces are read, it tells `keepFile` what was read.
   */
  revisionOf(session: string, upload: string): Promise<string | null>;

  /**
   * Makes a file of an upload's first pieces, in one step, and ends the upload. Whoever asks has read the pieces and
   * knows their digest; with a revision of before that, an upload that has changed since is `incomplete`. Repeating it
   * is `known`. A file of more than `fileBytes` rejects with `too_large`.
   */
  keepFile(
    session: string,
    upload: string,
    file: FileInfo,
    revision?: string,
  ): Promise<KeepOutcome>;

  /** What is known of a file; `null` when there is none. */
  fileInfo(session: string, digest: string): Promise<FileInfo | null>;

  /**
   * One piece, of an upload or of a file; `null` when there is none. It must not be changed. Nothing compares a piece
   * with the digest: who has read all of them may.
   */
  readPiece(session: string, source: PieceSource, index: number): Promise<Uint8Array | null>;

  /**
   * Keeps count of the places that were given out for what lies elsewhere, so that all of it can be found until the
   * session is deleted. `null` where none was ever given out.
   */
  places(session: string, change: PlacesChange): Promise<Places | null>;
}

/** What becomes of the places of a session; nothing of it is needed to look. */
export interface PlacesChange {
  /** Gives out one more place. Those of the session get this name, unless they have one. */
  readonly name?: string;
  /** Marks of `Places.gone` whose bytes were removed: they are told no more. */
  readonly removed?: readonly string[];
}

/** Places that were given out: 1 to `count`. */
export interface Places {
  /** Tells them from those that the session had before it was deleted. */
  readonly name: string;
  /** The last of them. */
  readonly count: number;
  /** Marks of pieces that were replaced or dropped: what they stand for can be removed. Those of files never are. */
  readonly gone: readonly string[];
}

/** A file, as it is known by its digest. */
export interface FileInfo {
  /** SHA-256 of its bytes in base64url, 43 characters; others reject with `bad_request`. */
  readonly digest: string;
  /** Count of its bytes. */
  readonly bytes: number;
  /** Its media type, of 1 to 255 bytes; others reject with `bad_request`. */
  readonly mediaType: string;
  /** Count of its pieces. */
  readonly pieces: number;
}

/** What is kept in the place of a piece whose bytes lie elsewhere; reading gives the mark. */
export interface Mark {
  /** What whoever keeps the bytes needs to find them. */
  readonly mark: string;
  /** Count of the bytes that lie elsewhere; they count as the session's. */
  readonly elsewhere: number;
}

/** Where a piece is: an upload by its name, of 1 to 1,024 bytes, or a file by its digest. */
export type PieceSource =
  | {
      /** The name of an upload. */
      readonly upload: string;
    }
  | {
      /** The digest of a file. */
      readonly digest: string;
    };

/** Answer to a piece. `full`: it would pass `sessionFileBytes`, or the session has 1,000 uploads at once. */
export type PutOutcome = 'put' | 'full';

/**
 * Answer to the making of a file. `known`: the session has it already, and the upload's pieces are dropped.
 * `incomplete`: pieces are missing or have changed, and nothing is changed.
 */
export type KeepOutcome = 'kept' | 'known' | 'incomplete';
