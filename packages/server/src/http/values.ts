import type { FileInfo } from '@holdfast/log';
import { isDigest } from '@holdfast/protocol';
import type { FileStore } from '../files/file-store.ts';
import { bad } from './body.ts';

/** Values that one request may name, and bytes of those that it is answered. */
const most = 64;
const mostBytes = 1_048_576;

/** True where a request names several values, and no file or upload. */
export const namesSeveral = (name: string): boolean => name.includes(',');

/**
 * The values that a request names, of which the first ones that fit are answered, and one at least (HF-FILE-15); empty
 * where the first is not there. Throws `bad_request` for too many, and for what is no digest.
 */
export async function valuesNamed(
  files: FileStore,
  session: string,
  name: string,
): Promise<readonly FileInfo[]> {
  const digests = name.split(',');
  if (digests.length > most) throw bad(`at most ${most} values can be asked for at once`);
  if (!digests.every(isDigest)) throw bad('values are named by their digests, of 43 characters');
  const known = await Promise.all(digests.map((digest) => files.info(session, digest)));
  const answered: FileInfo[] = [];
  let bytes = 0;
  for (const info of known) {
    if (!info || !files.isValue(info)) break;
    bytes += info.bytes;
    if (bytes > mostBytes && answered.length > 0) break;
    answered.push(info);
  }
  return answered;
}

/** The answer, as fast as it is taken: values are texts of JSON already. */
export async function* valuesBody(
  files: FileStore,
  session: string,
  values: readonly FileInfo[],
): AsyncGenerator<Uint8Array> {
  let before = '{"values":[';
  for (const info of values) {
    yield Buffer.from(before);
    yield* files.read(session, info);
    before = ',';
  }
  yield Buffer.from(']}');
}
