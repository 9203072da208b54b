import { type Chunk, HoldfastError } from '@holdfast/protocol';
import { inCleanContext } from '../clean-context.ts';
import type { Participant } from '../contract/participant.ts';
import type { Core } from '../core.ts';
import { filled, mayRefer } from '../files/filled.ts';
import type { Guest } from '../rights/revocations.ts';
import type { HubShare } from '../session/hubs.ts';
import { stopAsked } from '../stop-asked.ts';
import { admit } from './admit.ts';
import { stopAbandoned, stopsOnDisconnect } from './on-disconnect.ts';
import { type ReplySource, replyChunks } from './reply-stream.ts';
import { stockFilling } from './shown-files.ts';
import { type StreamForm, streamResponse } from './stream-response.ts';

/** A reader of a stream, and its request. */
export interface Reader {
  readonly request: Request;
  readonly session: string;
  readonly participant: Participant;
  readonly form: StreamForm;
  /** `Revocations.count` before the right was asked for. */
  readonly since: number;
}

/** A run to be streamed: where to read, and what the message holds before it. */
export interface StreamedRun {
  readonly source: Omit<ReplySource, 'hub' | 'fill'>;
  readonly before: readonly Chunk[];
}

/** The last chunk for a reader whose right has ended (HF-AUTH-3). */
const forbidden: Chunk = {
  type: 'error',
  errorText: 'You may not read this chat any more.',
};

/** Streams a run for as long as it goes on and may be read. Takes over the share. Throws `limit`. */
export function streamRun(
  core: Core,
  reader: Reader,
  share: HubShare,
  { source, before }: StreamedRun,
): Response {
  try {
    // Again where it is counted, with no wait in between: many may have been asked for at once.
    core.quotas.checkRoom(reader.participant.id, 'connection');
  } catch (error) {
    share.release();
    throw error;
  }
  const gone = new AbortController();
  const right = watchRight(core, reader, () => gone.abort());
  const giveBack = core.quotas.hold(reader.participant.id, 'connection');
  const { hub } = share;
  const { request, session, participant } = reader;
  const shown = { request, session, participant: participant.id };
  const filling = stockFilling(core, shown, request.method === 'POST' ? 0 : 2);
  const fill = async (chunk: Chunk) => (mayRefer(chunk) ? await filled(filling, chunk) : chunk);
  const chunks = async function* (): AsyncGenerator<Chunk> {
    for (const chunk of before) yield await fill(chunk);
    for await (const chunk of replyChunks({ ...source, hub, fill }, gone.signal))
      yield await fill(chunk);
    if (right.isOver) yield forbidden;
  };
  const stops = stopsOnDisconnect(reader.request);
  const { response, fail } = streamResponse(chunks(), reader.form, {
    onLeft: (reason) => {
      if ((stops || reason === stopAsked) && !right.isOver)
        void stopAbandoned(core, reader.request, reader.session, source.run);
    },
    onEnd: () => {
      gone.abort();
      right.release();
      giveBack();
      unlisten();
      share.release();
    },
  });
  // An end would look like the end of the answer; the run may go on.
  const unlisten = core.lifecycle.onClosed(() => fail(closingError()));
  return response;
}

const closingError = (): HoldfastError =>
  new HoldfastError('unavailable', 'unable to go on streaming: this process is closing; ask again');

/** Hears of a right to read that ends while it is used, and asks for it from time to time. */
function watchRight(
  core: Core,
  { request, session, participant, since }: Reader,
  onOver: () => void,
): { readonly isOver: boolean; release(): void } {
  let isOver = false;
  const end = () => {
    isOver = true;
    onOver();
  };
  const recheck = (): void => {
    admit(core, request, 'read', session).catch((error: unknown) => {
      if (HoldfastError.is(error) && error.code === 'forbidden') end();
      // An application whose database is away has taken no right from anybody.
      else core.report(error, { session });
    });
  };
  const stop = inCleanContext(() => core.environment.every(core.limits.recheckMs, recheck));
  const guest: Guest = {
    participant: participant.id,
    revoke: (named) => {
      if (named === undefined || named === session) end();
    },
    recheck,
  };
  core.revocations.enter(guest);
  // A right that ended meanwhile may have been this one.
  if (core.revocations.count !== since) recheck();
  return {
    get isOver() {
      return isOver;
    },
    release: () => {
      stop();
      core.revocations.leave(guest);
    },
  };
}
