import type { FileInfo, KeepOutcome, PieceSource, PutOutcome } from '../contract/files.ts';
import type { LogLimits } from '../contract/session-log.ts';
import { maxUploads, pieceExtra } from '../limits.ts';

interface Upload {
  readonly pieces: Map<number, Uint8Array>;
  until: number;
}

/** Files and uploads of one session: plain data, as the rest of its state. */
export interface FilesState {
  /** Of all pieces, and of what each counts besides. */
  bytes: number;
  readonly uploads: Map<string, Upload>;
  readonly kept: Map<string, { readonly info: FileInfo; readonly pieces: readonly Uint8Array[] }>;
  /** Until when they are kept without a session. */
  until: number;
}

export const newFiles = (): FilesState => ({
  bytes: 0,
  uploads: new Map(),
  kept: new Map(),
  until: 0,
});

const costOf = (piece: Uint8Array | undefined): number =>
  piece ? piece.byteLength + pieceExtra : 0;

/** Forgets an upload, and gives back what its pieces have taken. */
function drop(files: FilesState, upload: string): void {
  for (const piece of files.uploads.get(upload)?.pieces.values() ?? [])
    files.bytes -= costOf(piece);
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

export const hasFiles = ({ uploads, kept }: FilesState): boolean => uploads.size + kept.size > 0;

export function putPieceStep(
  files: FilesState,
  {
    upload,
    index,
    data,
  }: { readonly upload: string; readonly index: number; readonly data: Uint8Array },
  { now, limits }: { readonly now: number; readonly limits: LogLimits },
): PutOutcome {
  const found = files.uploads.get(upload);
  const grown = costOf(data) - costOf(found?.pieces.get(index));
  if (files.bytes + grown > limits.sessionFileBytes && grown > 0) return 'full';
  if (!found && files.uploads.size >= maxUploads) return 'full';
  const until = now + limits.uploadMs;
  const pieces = found?.pieces ?? new Map<number, Uint8Array>();
  // Whose data it is may use them again.
  pieces.set(index, data.slice());
  files.bytes += grown;
  files.until = until;
  // Deleted first, so that the map stays ordered by age.
  files.uploads.delete(upload);
  files.uploads.set(upload, { pieces, until });
  return 'put';
}

export function piecesOfStep(files: FilesState, upload: string): number {
  const pieces = files.uploads.get(upload)?.pieces;
  let count = 0;
  while (pieces?.has(count)) count += 1;
  return count;
}

export function keepFileStep(
  files: FilesState,
  upload: string,
  { digest, bytes, mediaType, pieces: count }: FileInfo,
): KeepOutcome {
  const isKnown = files.kept.has(digest);
  if (!isKnown && piecesOfStep(files, upload) < count) return 'incomplete';
  if (!isKnown) {
    const found = files.uploads.get(upload)?.pieces ?? new Map<number, Uint8Array>();
    const pieces = Array.from({ length: count }, (_, at) => found.get(at) as Uint8Array);
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
  return piece ?? null;
}
