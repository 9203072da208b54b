import { digestOfUrl, HoldfastError, isRecord, type Message } from '@holdfast/protocol';
import type { Core } from '../../core.ts';
import { type FileTexts, filled, readingOnce, wholeOf } from '../../files/filled.ts';
import { filesIn, keepLargeParts, type Sizes } from '../../files/keep-large.ts';
import { namedUrl, withUrls } from '../../files/same.ts';
import { inWords, overLimit } from '../../over-limit.ts';
import { retryUnavailable } from '../../retry-unavailable.ts';
import { checkFileSizes } from './message-size.ts';

/** How long it is repeated to the log, in ms, as a send is. */
const retryForMs = 5_000;
/** Part of an entry that a message may have before its small files become references too. */
const share = 2;
/** A reference takes about as much. */
const leastBytes = 256;

/**
 * A client's message whose files of this session are named in one way: pages show them under the URL from which they
 * are loaded (HF-FILE-11). Rejects with `bad_request` where the session has no such file, and with `too_large` where
 * they are more together, each as often as it is named, than a session can have.
 */
export async function withOwnFiles(
  { files, limits, environment }: Pick<Core, 'files' | 'limits' | 'environment'>,
  session: string,
  message: Message,
): Promise<Message> {
  const named = withUrls(message, (url) => namedUrl(session, url));
  const sizes = new Map<string, number>();
  let bytes = 0;
  for (const digest of filesIn(named)) {
    const size = sizes.get(digest) ?? (await sizeOf({ files, environment }, session, digest));
    sizes.set(digest, size);
    bytes += size;
    // Whoever is given the data of all of them would have to hold more than anybody has sent.
    if (bytes > limits.sessionFileBytes) throw tooMuch(limits.sessionFileBytes);
  }
  return named;
}

async function sizeOf(
  { files, environment }: Pick<Core, 'files' | 'environment'>,
  session: string,
  digest: string,
): Promise<number> {
  const info = () => files.info(session, digest);
  const found = await retryUnavailable(info, retryForMs, environment);
  if (found) return found.bytes;
  throw new HoldfastError(
    'bad_request',
    'unable to send: a file is not there any more; add it to the message again',
  );
}

/** The same with its files as data. Whatever else looks like a reference is what the client has written (HF-FILE-3). */
export async function withFileData(
  texts: FileTexts,
  session: string,
  message: Message,
): Promise<Message> {
  const filling = readingOnce(wholeOf(texts, session));
  const parts: unknown[] = [];
  for (const part of message.parts as readonly unknown[])
    parts.push(
      isRecord(part) && digestOfUrl(part.url) !== null
        ? { ...part, ...(await filled(filling, { url: part.url })) }
        : part,
    );
  return { ...message, parts } as Message;
}

const tooMuch = (most: number): HoldfastError =>
  overLimit(
    'sessionFileBytes',
    'too_large',
    `unable to send: the files of the message are over ${inWords(most, 'down')} together, the limit; name fewer, or each once`,
  );

/**
 * A message with references in the place of what is large in it, which is kept first (HF-FILE-10). Rejects with
 * `too_large`, in words that name the file, with `full` and `unavailable`. One that is `stored` need not fit into an
 * entry.
 */
export async function keepMessage(
  { files, limits, environment }: Pick<Core, 'files' | 'limits' | 'environment'>,
  session: string,
  message: Message,
  place: 'entry' | 'stored' = 'entry',
): Promise<Message> {
  checkFileSizes(message, limits);
  const { inlineBytes, entryBytes } = limits;
  const keep = (sizes: Sizes) =>
    retryUnavailable(() => keepLargeParts(files, session, message, sizes), retryForMs, environment);
  const kept = await keep({ shown: inlineBytes, other: entryBytes / 4 });
  const isFit = place === 'stored' || Buffer.byteLength(JSON.stringify(kept)) <= entryBytes / share;
  if (isFit) return kept;
  // Many small ones are as much as a large one.
  const least = Math.min(inlineBytes, leastBytes);
  return await keep({ shown: least, other: least });
}
