import type { Upload } from '../contract/session.ts';
import type { Ask } from './contract.ts';
import { dataOf, digestOf, fingerprintOf } from './data-url.ts';
import { upload } from './upload.ts';

/** A part of a message that has its file as data. */
export interface FilePart {
  readonly messageId: string;
  /** Its place in the message. */
  readonly at: number;
  readonly url: string;
  readonly mediaType?: unknown;
  readonly filename?: string | undefined;
}

const unknownType = 'application/octet-stream';

/**
 * Sends the file of a part ahead. Resolves with its reference, or null where the data are none: then the server says so.
 * Rejects as a send does, with the name that the user knows the file by (HF-HTTP-12).
 */
export async function sendFile(
  session: string,
  { messageId, at, url, filename, ...part }: FilePart,
  ask: Ask,
  onUpload: (upload: Upload) => void,
): Promise<string | null> {
  const data = dataOf(url);
  if (!data) return null;
  const { bytes } = data;
  const [type = ''] = String(part.mediaType || data.mediaType).split(';', 1);
  const mediaType = type.trim() || unknownType;
  // Ids of messages may have any characters, and names of uploads may not.
  const name = `${messageId.replace(/[^\w-]/g, '_').slice(0, 80)}.${at}.${fingerprintOf(messageId + url)}`;
  const told = (sent: number): void => onUpload({ messageId, filename, sent, total: bytes.length });
  told(0);
  const digest = await digestOf(bytes);
  try {
    return await upload({ session, name, mediaType, bytes, digest }, ask, told);
  } catch (error) {
    if (filename && error instanceof Error && 'code' in error)
      error.message = error.message.replace(/^unable to [^:]*/, () => `unable to send ${filename}`);
    throw error;
  }
}
