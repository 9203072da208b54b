import type {
  FileInfo,
  KeepOutcome,
  Mark,
  PieceSource,
  Places,
  PlacesChange,
  PutOutcome,
} from '../contract/files.ts';
import type { LogLimits } from '../contract/session-log.ts';
import { maxUploads, pieceExtra } from '../limits.ts';
import { type Piece, pieceOf } from '../piece.ts';

interface Upload {
  readonly pieces: Map<number, Piece>;
  readonly revision: number;
  until: number;
}

/** Files and uploads of one session: plain data, as the rest of its state. */
export interface FilesState {
  /** Of all pieces, and of what each counts besides. */
  bytes: number;
  readonly uploads: Map<string, Upload>;
  readonly kept: Map<string, { readonly info: FileInfo; readonly pieces: readonly Piece[] }>;
  /** Of what lies elsewhere: those given out, and marks whose bytes can be removed. */
  places: Omit<Places, 'gone'> | null;
  gone: string[];
  /** The last that an upload was given. */
  revision: number;
  /** Until when they are kept without a session. */
  until: number;
}

export const newFiles = (): FilesState => ({
  bytes: 0,
  uploads: new Map(),
  kept: new Map(),
  places: null,
  gone: [],
  revision: 0,
  until: 0,
});

const costOf = (piece: Piece | undefined): number =>
  piece ? piece.data.byteLength + piece.elsewhere + pieceExtra : 0;

/** Gives back what a piece has taken, and tells what of it lies elsewhere. */
function dropPiece(files: FilesState, piece: Piece): void {
  files.bytes -= costOf(piece);
  if (piece.elsewhere > 0) files.gone.push(Buffer.from(piece.data).toString());
}

/** Forgets an upload with its pieces. */
function drop(files: FilesState, upload: string): void {
  for (const piece of files.uploads.get(upload)?.pieces.values() ?? []) dropPiece(files, piece);
  files.uploads.delete(upload);
}

/** Forgets uploads that are past their time; the map is ordered by age. */
function pruneUploads(files: FilesState, now: number): void {
  for (const [upload, { until }] of files.uploads) {
    if (until > now) return;
    drop(files, upload);
  }
}

/** The files without what is past its time. */
export function pruneFiles(files: FilesState, isInSession: boolean, now: number): FilesState {
  if (!isInSession && files.until <= now) return newFiles();
  pruneUploads(files, now);
  return files;
}

export const hasFiles = ({ uploads, kept, places }: FilesState): boolean =>
  uploads.size + kept.size > 0 || places !== null;

const isSame = (one: Piece, other: Piece): boolean => Buffer.compare(one.data, other.data) === 0;

interface Put {
  readonly data: Uint8Array | Mark;
  readonly upload: string;
  readonly index: number;
}

export function putPieceStep(
  files: FilesState,
  { upload, index, data: given }: Put,
  { now, limits }: { readonly now: number; readonly limits: LogLimits },
): PutOutcome {
  // Whose data it is may use them again.
  const { data, elsewhere } = pieceOf(given);
  const piece: Piece = { data: data.slice(), elsewhere };
  const found = files.uploads.get(upload);
  const grown = costOf(piece) - costOf(found?.pieces.get(index));
  if (files.bytes + grown > limits.sessionFileBytes && grown > 0) return 'full';
  if (!found && files.uploads.size >= maxUploads) return 'full';
  const until = now + limits.uploadMs;
  const pieces = found?.pieces ?? new Map<number, Piece>();
  const before = pieces.get(index);
  const isReplaced = before !== undefined && !isSame(before, piece);
  if (isReplaced) dropPiece(files, before);
  else files.bytes -= costOf(before);
  if (isReplaced || !found) files.revision += 1;
  const revision = isReplaced || !found ? files.revision : found.revision;
  pieces.set(index, piece);
  files.bytes += costOf(piece);
  files.until = until;
  // Deleted first, so that the map stays ordered by age.
  files.uploads.delete(upload);
  files.uploads.set(upload, { pieces, revision, until });
  return 'put';
}

export function piecesOfStep(files: FilesState, upload: string): number {
  const pieces = files.uploads.get(upload)?.pieces;
  let count = 0;
  while (pieces?.has(count)) count += 1;
  return count;
}

export const revisionOfStep = (files: FilesState, upload: string): string | null =>
  files.uploads.get(upload)?.revision.toString() ?? null;

export function keepFileStep(
  files: FilesState,
  upload: string,
  { digest, bytes, mediaType, pieces: count }: FileInfo,
  seen: string | undefined,
): KeepOutcome {
  const isKnown = files.kept.has(digest);
  const hasChanged = seen !== undefined && seen !== revisionOfStep(files, upload);
  if (!isKnown && (hasChanged || piecesOfStep(files, upload) < count)) return 'incomplete';
  if (!isKnown) {
    const found = files.uploads.get(upload)?.pieces ?? new Map<number, Piece>();
    const pieces = Array.from({ length: count }, (_, at) => found.get(at) as Piece);
    files.kept.set(digest, { info: { digest, bytes, mediaType, pieces: count }, pieces });
    for (const at of pieces.keys()) found.delete(at);
  }
  drop(files, upload);
  return isKnown ? 'known' : 'kept';
}

export const fileInfoStep = (files: FilesState, digest: string): FileInfo | null =>
  files.kept.get(digest)?.info ?? null;

export function readPieceStep(
  files: FilesState,
  source: PieceSource,
  index: number,
): Uint8Array | null {
  const piece =
    'upload' in source
      ? files.uploads.get(source.upload)?.pieces.get(index)
      : files.kept.get(source.digest)?.pieces[index];
  return piece?.data ?? null;
}

export function placesStep(
  files: FilesState,
  { name, removed = [] }: PlacesChange,
  { now, limits }: { readonly now: number; readonly limits: LogLimits },
): Places | null {
  files.gone = files.gone.filter((mark) => !removed.includes(mark));
  if (name !== undefined) {
    const { name: given = name, count = 0 } = files.places ?? {};
    files.places = { name: given, count: count + 1 };
    files.until = now + limits.uploadMs;
  }
  return files.places && { ...files.places, gone: [...files.gone] };
}
