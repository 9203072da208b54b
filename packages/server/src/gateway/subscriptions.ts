import {
  type AckFrame,
  type CloseCode,
  closeCodes,
  HoldfastError,
  type Position,
  type PresenceFrame,
  parsePosition,
  type ServerFrame,
  type SubscribeFrame,
} from '@holdfast/protocol';
import type { Span } from '@opentelemetry/api';
import { readLoaded } from '../commands/load.ts';
import type { Participant } from '../contract/participant.ts';
import type { Core } from '../core.ts';
import { presentedAs } from '../rights/authorize.ts';
import { ReadingRights } from '../rights/reading-rights.ts';
import { runRecordOf } from '../runs/run-record.ts';
import type { HubShare } from '../session/hubs.ts';
import { inSpan, linkTo } from '../telemetry/traces.ts';
import type { Outlet } from './outlet.ts';
import { Subscription } from './subscription.ts';

export interface SubscriptionsOptions {
  readonly core: Core;
  readonly outlet: Outlet;
  /** The time by which clients are judged; see `ConnectionHost`. */
  readonly awake: () => number;
  /** True while the socket takes part: one that is closed follows nothing. */
  isOpen(): boolean;
  /** Null for a socket, which says itself who is there; a stream has requests for that (HF-EVT-7). */
  readonly stream: {
    readonly conn: string;
    readonly participant: () => Participant | null;
  } | null;
  /** Rejects with `forbidden` when the session may not be read. */
  permit(session: string): Promise<Participant>;
  send(frame: ServerFrame): void;
  close(code: CloseCode): void;
}

interface Following {
  readonly session: string;
  /** Number of the request. */
  readonly r: number;
  readonly from: Position | null;
}

/** The sessions that a socket follows, for as long as it may read them. */
export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #followed = new Map<string, Subscription>();
  readonly #reading: ReadingRights;

  constructor(options: SubscriptionsOptions) {
    const { core, permit } = options;
    this.#options = options;
    this.#reading = new ReadingRights({
      limits: core.limits,
      environment: core.environment,
      ask: permit,
      evict: (session) => this.#evict(session),
      report: (error, session) => core.report(error, { session }),
    });
  }

  get size(): number {
    return this.#followed.size;
  }

  /** Follows a session and answers the frame. Rejects with what is to be answered where it cannot. */
  async follow({ r, s: session, pos }: SubscribeFrame): Promise<void> {
    const { core } = this.#options;
    const position = pos === undefined ? null : parsePosition(pos);
    if (pos !== undefined && !position)
      throw new HoldfastError('bad_request', 'unable to subscribe: the position cannot be read');
    if (this.#followed.has(session))
      throw new HoldfastError('conflict', 'unable to subscribe: this socket follows it already');
    if (this.#followed.size >= core.limits.subscriptions)
      throw new HoldfastError(
        'limit',
        `unable to subscribe: a socket may follow ${core.limits.subscriptions} sessions`,
      );
    const from = position?.epoch === '' ? null : position;
    const attributes = { 'holdfast.session': session, 'holdfast.resumes': from !== null };
    await inSpan('subscribe', { attributes }, (span) => this.#follow({ session, r, from }, span));
  }

  async #follow({ session, r, from }: Following, span: Span): Promise<void> {
    const { core, permit } = this.#options;
    await core.revocations.guarded(
      async () => {
        const reader = await permit(session);
        const share = await core.hubs.acquire(session);
        await linkToRuns(core, session, span);
        return { share, reader };
      },
      ({ share, reader }) =>
        this.#begin(session, share, reader)
          ?.start(r, from)
          .catch((error: unknown) => {
            this.unfollow(session);
            throw error;
          }),
      ({ share }) => share.release(),
    );
  }

  unfollow(session: string): void {
    this.#followed.get(session)?.close();
    this.#followed.delete(session);
    this.#reading.unfollow(session);
  }

  /** A right has ended: in one session, or in all of them (HF-AUTH-3). */
  revoke(session: string | undefined): void {
    if (session !== undefined) this.#evict(session);
    else for (const each of [...this.#followed.keys()]) this.#evict(each);
  }

  /** Asks again for the rights to read, within that time or soon. */
  recheck(withinMs?: number): void {
    this.#reading.hurry(withinMs);
  }

  /** False when it acknowledges nothing new. */
  acked({ s, i }: AckFrame): boolean {
    return this.#followed.get(s)?.acked(i) ?? false;
  }

  present(participant: Participant, { s, state }: PresenceFrame): void {
    this.#followed.get(s)?.present(presentedAs(participant), state);
  }

  /** Goes on with those that were blocked and need not be any more. */
  retry(): void {
    for (const subscription of this.#followed.values()) subscription.retry();
  }

  /** Called about once a second, with the time and that by which clients are judged. */
  tick(now: number, awake: number): void {
    this.#reading.tick(now);
    this.retry();
    const isStalled = [...this.#followed.values()].some((each) => each.isStalled(awake));
    if (isStalled) this.#options.close(closeCodes.slowConsumer);
  }

  close(): void {
    const isCut = this.#options.stream !== null;
    for (const subscription of this.#followed.values()) subscription.close(isCut);
    this.#followed.clear();
  }

  /** Null when the socket has closed while the session was opened. */
  #begin(session: string, share: HubShare, reader: Participant): Subscription | null {
    const { core, outlet, awake, isOpen, send, close } = this.#options;
    if (!isOpen()) {
      share.release();
      return null;
    }
    const subscription = new Subscription({
      session,
      share,
      files: core.fileLinks.query(session, reader.id),
      limits: core.limits,
      now: awake,
      outlet,
      snapshot: () =>
        readLoaded(core, share.hub, { participant: reader }, () => share.hub.snapshot()),
      onClosed: (why) => {
        this.unfollow(session);
        send({ t: 'closed', s: session, why });
      },
      onFault: (error) => {
        core.report(error, { session });
        close(closeCodes.internal);
      },
    });
    const { stream } = this.#options;
    const participant = stream?.participant();
    if (stream && participant) {
      const address = { key: subscription, participant: presentedAs(participant) };
      share.hub.presence.address(stream.conn, address);
    }
    this.#followed.set(session, subscription);
    this.#reading.follow(session);
    return subscription;
  }

  #evict(session: string): void {
    if (!this.#followed.has(session)) return;
    this.unfollow(session);
    this.#options.send({ t: 'closed', s: session, why: 'forbidden' });
  }
}

/** A client that comes to a run belongs to its trace as well. Asks for nothing where nobody traces. */
async function linkToRuns({ log }: Core, session: string, span: Span): Promise<void> {
  if (!span.isRecording()) return;
  const head = await log.head(session).catch(() => null);
  linkTo(span, head?.runs.map(({ info }) => runRecordOf(info).traceparent) ?? []);
}
