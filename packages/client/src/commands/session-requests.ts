import type {
  AnswerResponse,
  ClaimResponse,
  HandoffResponse,
  HoldfastError,
  Message,
  QueuedResponse,
  QueueResponse,
  SendRequest,
  Steer,
  SteerResponse,
} from '@holdfast/protocol';
import type { SteerOutcome } from '../contract/commands.ts';
import type { HoldfastChatTransport, SessionPage } from '../contract/transport.ts';
import type { Environment } from '../environment.ts';
import type { unable } from '../errors.ts';
import type { Answer, Route } from '../http/route.ts';
import type { Session } from '../session/contract.ts';

// Loaded with the first of these requests, and never before. It imports nothing that the page has already, so that
// it is one piece for every bundler.

/** What a client asks of a session besides sends, and needs to be connected for. */
export type SessionRequests = Pick<
  HoldfastChatTransport,
  'answer' | 'arrange' | 'claim' | 'handOff' | 'steer'
> & {
  /** The newest messages, or those in front of a cursor, as `snapshot` and `page` of the transport have them. */
  readonly page: (chatId: string, before?: string, limit?: number) => Promise<SessionPage>;
  readonly snapshot: (chatId: string) => Promise<SessionPage>;
};

export interface SessionRequestPorts {
  /** Throws when the transport is closed. */
  readonly open: (chatId: string) => Session;
  readonly route: Pick<Route, 'post' | 'repeat'>;
  readonly toMessage: (given: Parameters<SessionRequests['steer']>[1]) => Message;
  /** Sends a message in its order, as sends go; null when it was taken back. */
  readonly send: (
    id: string,
    message: Message,
    wish: Pick<SendRequest, 'whileBusy'>,
  ) => Promise<Answer | null>;
  readonly unable: typeof unable;
  readonly hasReached: (session: Session, position: string) => boolean;
  readonly isSteering: (type: string) => boolean;
  /** Fires when the transport closes. */
  readonly signal: AbortSignal;
  readonly environment: Pick<Environment, 'after'>;
}

/** How often an answer is given again that was refused because a run is live, and how soon at least. */
const answerTries = 20;
const pauseMs = 1_000;

export function createSessionRequests(ports: SessionRequestPorts): SessionRequests {
  const { open, route, signal } = ports;

  /** Resolves once the session tells of no run that is live in the message. */
  async function runsEnd(session: Session, messageId: string): Promise<void> {
    const unlink = session.link();
    const isOver = () => {
      mustStand(session);
      return session.isLive && session.liveRuns().every((run) => run.messageId !== messageId);
    };
    try {
      await session.caughtUp(signal);
      // The server's answer may be faster than the news of the run.
      if (isOver())
        await new Promise<void>((resolve) => void ports.environment.after(pauseMs, resolve));
      await session.until(isOver, signal);
    } finally {
      unlink();
    }
  }

  async function page(chatId: string, before?: string, limit?: number): Promise<SessionPage> {
    const query = {
      files: 'references',
      before: before || undefined,
      limit: limit || undefined,
    };
    const asked = { query, member: 'messages', session: chatId, most: 1 };
    try {
      return (await route.repeat(chatId, asked)) as SessionPage;
    } catch (cause) {
      if (signal.aborted || 'code' in (cause as Error)) throw cause;
      throw ports.unable('unavailable', 'ask the server', { cause });
    }
  }

  return {
    page,
    snapshot: page,
    steer: async (chatId, steer, { run, otherwise } = {}) => {
      const session = open(chatId);
      const message = ports.toMessage(steer);
      const unlink = session.link();
      try {
        if (otherwise !== 'queue')
          return await outcomeOf(
            message.id,
            session,
            () => route.post<SteerResponse>(chatId, 'steer', 'state', { message, run }),
            ports,
          );
        const answer = await ports.send(chatId, message, { whileBusy: 'steer' });
        if (!answer) return { state: 'withdrawn' };
        if (answer.state !== 'queued') return { state: 'queued' };
        return await turnOrSteer(answer, session, ports, () => page(chatId));
      } finally {
        unlink();
      }
    },
    handOff: async (chatId, to) =>
      (await route.post<HandoffResponse>(chatId, 'handoff', 'operator', { to })).operator,
    arrange: async (chatId, wish) =>
      (await route.post<QueueResponse>(chatId, 'queue', 'queue', wish)).queue,
    answer: async (chatId, messageId, answers) => {
      const body = { messageId, answers };
      for (let left = answerTries; ; left--)
        try {
          return (await route.post<AnswerResponse>(chatId, 'answer', 'answers', body)).answers;
        } catch (error) {
          if (left === 1 || (error as HoldfastError).code !== 'busy') throw error;
          await runsEnd(open(chatId), messageId);
        }
    },
    claim: (chatId, call) => route.post<ClaimResponse>(chatId, 'claim', 'state', call),
  };
}

/** Sends the message and waits until it is known what became of it, which the session tells. */
async function outcomeOf(
  id: string,
  session: Session,
  send: () => Promise<SteerResponse>,
  { environment, signal }: Pick<SessionRequestPorts, 'environment' | 'signal'>,
): Promise<SteerOutcome> {
  for (;;) {
    const { state, run } = await send();
    if (state !== 'waiting') return toldOf(session, state, run);
    const steerOf = () => steerIn(session, id);
    await session.caughtUp(signal);
    // The answer to the request may be faster than the entry.
    let wasTold = false;
    await session.until(() => {
      mustStand(session);
      const steer = steerOf();
      if (steer || !session.isLive) wasTold = true;
      if (steer) return steer.state !== 'waiting';
      return session.isLive && (wasTold || session.runs.every((each) => each.run !== run));
    }, signal);
    const now = steerOf()?.state;
    // A run that is not told of any more has ended: the server knows how.
    if (now !== undefined && now !== 'waiting') return toldOf(session, now, run);
    // Or it is not told of yet.
    if (!wasTold) await new Promise<void>((resolve) => void environment.after(pauseMs, resolve));
  }
}

/** Throws what ends the session for this client, so that nothing more is told of it. An outage is waited out. */
function mustStand(session: Session): void {
  try {
    session.check();
  } catch (error) {
    if ((error as HoldfastError).code !== 'unavailable') throw error;
  }
}

const steerIn = (session: Session, id: string): Steer | undefined =>
  session.runs.flatMap(({ steers = [] }) => steers).find((each) => each.id === id);

function toldOf(
  session: Session,
  state: 'consumed' | 'unconsumed' | 'ended',
  run: string | undefined,
): SteerOutcome {
  const ended = session.runs.find((each) => each.run === run)?.state;
  const isEnd = state === 'unconsumed' && ended !== undefined && ended !== 'running';
  return { state, run, reason: isEnd ? ended : undefined };
}

/**
 * Waits until a message that is in the queue too has reached a model, or has to wait for its turn. The
 * command that it was sent by is its id.
 */
async function turnOrSteer(
  { command, position }: QueuedResponse,
  session: Session,
  { hasReached, isSteering, signal }: SessionRequestPorts,
  snapshot: () => Promise<SessionPage>,
): Promise<SteerOutcome> {
  await session.caughtUp(signal);
  const state = await session.until(() => {
    mustStand(session);
    const steer = steerIn(session, command);
    if (steer?.state === 'consumed') return 'consumed';
    const item = session.queue.find(({ id }) => id === command);
    // The run is told right behind the queue; its answer may have come before both.
    const waits = steer
      ? steer.state === 'waiting'
      : session.liveRuns().some(({ run }) => run === item?.run);
    if (session.runOf(command) || (item && !waits)) return 'queued';
    return hasReached(session, position) && !item && 'gone';
  }, signal);
  if (state !== 'gone') return { state };
  // This client was away while it happened: what became of it stands in the messages.
  const { messages } = await snapshot();
  if (messages.some((message) => message.id === command)) return { state: 'queued' };
  const isThere = messages.some(({ parts }) =>
    parts.some((part) => isSteering(part.type) && (part as { id?: unknown }).id === command),
  );
  return { state: isThere ? 'consumed' : 'withdrawn' };
}
