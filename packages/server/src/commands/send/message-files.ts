import { HoldfastError, type Message } from '@holdfast/protocol';
import type { Core } from '../../core.ts';
import { filesIn, keepLargeParts, type Sizes } from '../../files/keep-large.ts';
import { namedUrl, withUrls } from '../../files/same.ts';
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
 * are loaded (HF-FILE-11). Rejects with `bad_request` where the session has no such file.
 */
export async function withOwnFiles(
  { files, environment }: Pick<Core, 'files' | 'environment'>,
  session: string,
  message: Message,
): Promise<Message> {
  const named = withUrls(message, (url) => namedUrl(session, url));
  for (const digest of new Set(filesIn(named))) {
    const info = () => files.info(session, digest);
    if (!(await retryUnavailable(info, retryForMs, environment)))
      throw new HoldfastError(
        'bad_request',
        'unable to send: a file is not there any more; add it to the message again',
      );
  }
  return named;
}

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
