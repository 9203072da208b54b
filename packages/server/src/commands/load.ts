import {
  HoldfastError,
  isRecord,
  type Message,
  type Position,
  type Writers,
} from '@holdfast/protocol';
import { isGone } from '../conflict.ts';
import type { Load } from '../contract/load.ts';
import type { Core } from '../core.ts';
import type { SessionHub } from '../session/hub.ts';
import { within } from '../within.ts';
import type { Act } from './commit.ts';
import { faultIn, writeSeed } from './seed.ts';
import type { Sender } from './send/sender.ts';

/** Whoever is about to read a session, or to write into it. */
type Visitor = Pick<Sender, 'participant' | 'isServer'>;

interface History {
  readonly messages: readonly Message[];
  readonly authors: Writers;
}

/** A history has at most so many messages. */
const mostMessages = 10_000;

const fault = (why: string, cause?: unknown): HoldfastError =>
  new HoldfastError('internal', `unable to load the session: ${why}`, { cause, retryMs: 1_000 });

/** Has sessions that the log does not have begin with what the application knows of them (HF-LOAD-1). */
export class HistoryLoader {
  readonly #core: () => Core;
  readonly #load: Load;
  /** Those that are being asked for, by session: bounded by the requests that wait. */
  readonly #asked = new Map<string, Promise<void>>();
  /** Those for which the application had nothing when it was asked last, unless they were known to be there since. */
  readonly #empty = new WeakSet<SessionHub>();

  constructor(core: () => Core, load: Load) {
    this.#core = core;
    this.#load = load;
  }

  /** See `Loader` of the core. */
  async begin(hub: SessionHub, visitor: Visitor): Promise<void> {
    if (hub.isBegun) this.#empty.delete(hub);
    else await this.regain(hub, visitor);
  }

  /** See `Loader` of the core. */
  hadNothing(hub: SessionHub): boolean {
    return !hub.isBegun && this.#empty.has(hub);
  }

  /** See `Loader` of the core. */
  async regain(hub: SessionHub, visitor: Visitor): Promise<void> {
    const { session } = hub;
    const asked = this.#asked.get(session) ?? this.#begin(hub, visitor);
    this.#asked.set(session, asked);
    try {
      await asked;
    } finally {
      if (this.#asked.get(session) === asked) this.#asked.delete(session);
    }
  }

  async #begin(hub: SessionHub, visitor: Visitor): Promise<void> {
    const core = this.#core();
    // Another process may have begun it, and the news be on the way.
    if ((await core.log.head(hub.session)) === null) {
      const history = await this.#ask(hub.session, visitor);
      if (history.messages.length === 0) {
        this.#empty.add(hub);
        return;
      }
      if (!visitor.isServer) core.quotas.take(visitor.participant.id, 'session');
      // Where it exists meanwhile, it is as the log has it.
      const outcome = await writeSeed(core, hub.session, history.messages, history.authors);
      if (outcome === 'full')
        throw this.#tooLong(hub.session, '`sessionBytes` or `sessionEntries`');
    }
    // A send is decided on by what is known here.
    await hub.project(() => {});
  }

  async #ask(session: string, { participant }: Visitor): Promise<History> {
    const { environment, limits } = this.#core();
    const late = () => {
      throw new Error(`\`load\` took longer than \`limits.loadMs\`, which is ${limits.loadMs}`);
    };
    const given: unknown = await within(
      environment,
      limits.loadMs,
      this.#call(session, participant),
      late,
    ).catch((cause: unknown) => {
      if (HoldfastError.is(cause)) throw cause;
      throw new HoldfastError(
        'unavailable',
        'unable to load the session: `load` failed; it is asked again with the next request',
        { cause, retryMs: 1_000 },
      );
    });
    const { messages, authors = {} } = isRecord(given) ? given : { messages: given };
    if (!Array.isArray(messages) || !isRecord(authors))
      throw fault(
        '`load` gave no list of messages; return one, and an empty one where there is no history',
      );
    if (messages.length > mostMessages) throw this.#tooLong(session, `${mostMessages} messages`);
    const wrong = messages.length === 0 ? null : await faultIn(messages);
    if (wrong) throw fault(`\`load\` gave messages of which ${wrong.why}`, wrong.cause);
    return { messages, authors: authors as Writers };
  }

  async #call(sessionId: string, participant: Visitor['participant']): Promise<unknown> {
    return await this.#load({ sessionId, participant });
  }

  /** Whoever runs the server is told why; a user can do nothing about it. */
  #tooLong(session: string, most: string): HoldfastError {
    const why = `the messages that \`load\` gave are over ${most}; give the newest only`;
    this.#core().report(new HoldfastError('full', `unable to load the session: ${why}`), {
      session,
    });
    return new HoldfastError('full', 'unable to open this chat: it is too long; start a new one');
  }
}

/**
 * How a write has a session begin again that has expired while it was followed here ({@link Act.regain}), also where
 * that was found since it was asked for; undefined without `load`, and where the application had nothing just now.
 */
export const regaining = (
  { loader }: Core,
  hub: SessionHub,
  visitor: Visitor,
): Act<unknown>['regain'] =>
  loader && !loader.hadNothing(hub) ? () => loader.regain(hub, visitor) : undefined;

/** Reads a session behind its history, also one that has expired while it was followed here. */
export async function readLoaded<T extends { readonly position: Position }>(
  { loader }: Core,
  hub: SessionHub,
  visitor: Visitor,
  read: () => Promise<T>,
): Promise<T> {
  const wasBegun = hub.isBegun;
  await loader?.begin(hub, visitor);
  const found = await read();
  if (!loader || !wasBegun || found.position.epoch !== '') return found;
  await loader.regain(hub, visitor);
  return await read();
}

/** Looks at a message that may be gone with its session: again where that has expired while it was followed here. */
export async function lookLoaded<T>(
  core: Core,
  hub: SessionHub,
  visitor: Visitor,
  look: () => Promise<T>,
): Promise<T> {
  const regain = regaining(core, hub, visitor);
  try {
    return await look();
  } catch (error) {
    if (!regain || !isGone(error)) throw error;
  }
  await regain();
  return await look();
}

/** As {@link HistoryLoader.begin}, for who has no hub of the session. Nothing without `load`. */
export async function beginLoaded(core: Core, session: string, visitor: Visitor): Promise<void> {
  const { loader } = core;
  if (loader) await core.hubs.use(session, (hub) => loader.begin(hub, visitor));
}
