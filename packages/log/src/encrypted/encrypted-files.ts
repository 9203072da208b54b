import { HoldfastError } from '@holdfast/protocol';
import { checkDigest, checkFile } from '../check.ts';
import type { FileInfo, Files, PieceSource } from '../contract/files.ts';
import { sealedPrefix } from '../sealed-size.ts';
import type { KeyRing } from './key-ring.ts';

/** A file under the digest that the store has of it, which is keyed. */
interface Found {
  readonly stored: FileInfo;
  readonly mediaType: string;
  /** Its upload's name, which its pieces are bound to; null where it is not encrypted. */
  readonly upload: string | null;
}

const placeOf = (...place: readonly (string | number)[]): string => JSON.stringify(place);
const placeOfPiece = (upload: string, index: number): string => placeOf('piece', upload, index);
const placeOfFile = ({ digest, bytes, pieces }: FileInfo): string =>
  placeOf('file', digest, bytes, pieces);

/** Pieces keep the place that they were sealed for, so what is said of a file names its upload. */
const packed = (mediaType: string, upload: string): string =>
  `${mediaType.length} ${mediaType}${upload}`;

function unpacked(text: string): { readonly mediaType: string; readonly upload: string } {
  const start = text.indexOf(' ') + 1;
  const end = start + Number(text.slice(0, start));
  return { mediaType: text.slice(start, end), upload: text.slice(end) };
}

/** Files of which the store knows sizes and names of uploads, and nothing else. */
export function encryptedFiles(log: Files, ring: KeyRing): Files {
  const find = async (session: string, digest: string): Promise<Found | null> => {
    checkDigest(digest);
    for (const key of await keysOf(ring, session, digest)) {
      const stored = await log.fileInfo(session, key);
      if (!stored) continue;
      const { mediaType } = stored;
      const text = await ring.open(session, mediaType, placeOfFile({ ...stored, digest }));
      // What is not encrypted came through because it is allowed to.
      if (!mediaType.startsWith(sealedPrefix)) return { stored, mediaType, upload: null };
      return { stored, ...unpacked(text) };
    }
    return null;
  };
  const readOf = async (session: string, digest: string, index: number) => {
    const found = await find(session, digest);
    if (!found) return null;
    const sealed = await log.readPiece(session, { digest: found.stored.digest }, index);
    if (!sealed || found.upload === null) return sealed;
    return await ring.openBytes(session, sealed, placeOfPiece(found.upload, index));
  };
  return {
    putPiece: async (session, upload, index, given) => {
      if ('mark' in given)
        throw new HoldfastError(
          'internal',
          'unable to keep the file: its mark would not be sealed',
        );
      const sealed = await ring.sealBytes(session, given, placeOfPiece(upload, index));
      return await log.putPiece(session, upload, index, sealed);
    },
    piecesOf: (session, upload) => log.piecesOf(session, upload),
    revisionOf: (session, upload) => log.revisionOf(session, upload),
    keepFile: async (session, upload, file, revision) => {
      // The store is given others than these.
      checkFile(file, file.bytes);
      const known = await find(session, file.digest);
      if (known) return await log.keepFile(session, upload, known.stored, revision);
      const [digest = ''] = await keysOf(ring, session, file.digest);
      const mediaType = await ring.seal(session, packed(file.mediaType, upload), placeOfFile(file));
      return await log.keepFile(session, upload, { ...file, digest, mediaType }, revision);
    },
    places: (session, change) => log.places(session, change),
    fileInfo: async (session, digest) => {
      const found = await find(session, digest);
      return found && { ...found.stored, digest, mediaType: found.mediaType };
    },
    readPiece: async (session, source: PieceSource, index) => {
      if ('digest' in source) return await readOf(session, source.digest, index);
      const sealed = await log.readPiece(session, source, index);
      return sealed && (await ring.openBytes(session, sealed, placeOfPiece(source.upload, index)));
    },
  };
}

/** The digests under which a file may be stored, that of the key which encrypts first. */
async function keysOf(ring: KeyRing, session: string, digest: string): Promise<readonly string[]> {
  const keyed = ring.ids.map((id) => ring.digest(id, session, `file ${digest}`));
  return [...(await Promise.all(keyed)), ...(ring.allowPlain ? [digest] : [])];
}
