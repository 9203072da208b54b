import {
  type AckFrame,
  type CloseCode,
  closeCodes,
  HoldfastError,
  type Limits,
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
import { FewBy } from '../few-by.ts';
import { presentedAs } from '../rights/authorize.ts';
import { askAgain, hurry, type ReadingRight, type RightsHolder } from '../rights/reading-rights.ts';
import { runRecordOf } from '../runs/run-record.ts';
import type { SessionHub } from '../session/hub.ts';
import type { HubShare } from '../session/hubs.ts';
import type { SessionSnapshot } from '../session/snapshot.ts';
import { inSpan, linkTo } from '../telemetry/traces.ts';
import type { Outlet } from './outlet.ts';
import { Subscription } from './subscription.ts';
import type { SubscriptionOwner } from './subscription-owner.ts';

/** The connection whose subscriptions they are. */
export interface SubscriptionsOwner {
  readonly id: string;
  /** The time by which clients are judged; see `ConnectionHost`. */
  awake(): number;
  /** True while the socket takes part: one that is closed follows nothing. */
  readonly isOpen: boolean;
  /** True for a stream: a socket says itself who is there, a stream has requests for that (HF-EVT-7). */
  readonly isStream: boolean;
  /** The participant; null while that is not known. */
  readonly presented: Participant | null;
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
export class Subscriptions implements SubscriptionOwner, RightsHolder {
  readonly outlet: Outlet;
  readonly #core: Core;
  readonly #owner: SubscriptionsOwner;
  /** By their sessions. */
  readonly #followed = new FewBy<string, Subscription>();
  /** How often everything was to be asked for again, as with new credentials. */
  #rechecks = 0;

  constructor(core: Core, outlet: Outlet, owner: SubscriptionsOwner) {
    this.#core = core;
    this.outlet = outlet;
    this.#owner = owner;
  }

  get size(): number {
    return this.#followed.size;
  }

  /** Follows a session and answers the frame. Rejects with what is to be answered where it cannot. */
  async follow({ r, s: session, pos }: SubscribeFrame): Promise<void> {
    const core = this.#core;
    const position = pos === undefined ? null : parsePosition(pos);
    if (pos !== undefined && !position)
      throw new HoldfastError('bad_request', 'unable to subscribe: the position cannot be read');
    if (this.#followed.get(session))
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
    const core = this.#core;
    await core.revocations.guarded(
      async () => {
        const reader = await this.#owner.permit(session);
        const share = await core.hubs.acquire(session);
        await linkToRuns(core, session, span);
        return { share, reader };
      },
      ({ share, reader }) =>
        this.#begin(share, reader)
          ?.start(r, from)
          .catch((error: unknown) => {
            this.unfollow(session);
            throw error;
          }),
      ({ share }) => share.release(),
    );
  }

  unfollow(session: string): void {
    this.#followed.take(session)?.close();
  }

  /** A right has ended: in one session, or in all of them (HF-AUTH-3). */
  revoke(session: string | undefined): void {
    if (session !== undefined) this.evict(session);
    else for (const each of this.#followed.values()) this.evict(each.session);
  }

  /** Asks again for the rights to read, within that time or soon. */
  recheck(withinMs?: number): void {
    this.#rechecks++;
    hurry(this.#followed.values(), this.#core.environment, withinMs);
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
    const followed = this.#followed.values();
    askAgain(followed, now, this, this.limits);
    for (const subscription of followed) subscription.retry();
    const isStalled = followed.some((each) => each.isStalled(awake));
    if (isStalled) this.#owner.close(closeCodes.slowConsumer);
  }

  close(): void {
    const isCut = this.#owner.isStream;
    for (const subscription of this.#followed.values()) subscription.close(isCut);
    this.#followed.clear();
  }

  /** Null when the socket has closed while the session was opened. */
  #begin(share: HubShare, reader: Participant): Subscription | null {
    if (!this.#owner.isOpen) {
      share.release();
      return null;
    }
    const askAt = this.#core.environment.now() + this.limits.recheckMs;
    const subscription = new Subscription(share, reader, this, askAt);
    const { isStream, id, presented } = this.#owner;
    if (isStream && presented)
      share.hub.presence.address(id, {
        key: subscription,
        participant: presentedAs(presented),
      });
    this.#followed.set(subscription.session, subscription);
    return subscription;
  }

  get limits(): Limits {
    return this.#core.limits;
  }

  awake(): number {
    return this.#owner.awake();
  }

  filesOf(session: string, reader: Participant): string | undefined {
    return this.#core.fileLinks.query(session, reader.id);
  }

  snapshotOf(hub: SessionHub, participant: Participant): Promise<SessionSnapshot> {
    return readLoaded(this.#core, hub, { participant }, () => hub.snapshot());
  }

  onDeleted(session: string): void {
    this.unfollow(session);
    this.#owner.send({ t: 'closed', s: session, why: 'deleted' });
  }

  onFault(error: unknown, session: string): void {
    this.report(error, session);
    this.#owner.close(closeCodes.internal);
  }

  async ask(session: string): Promise<unknown> {
    const rechecks = this.#rechecks;
    try {
      return await this.#owner.permit(session);
    } catch (error) {
      // It may have been asked with credentials that have ended, and were replaced meanwhile. Once: who sends new ones
      // all the time reads no longer for that.
      if (rechecks === this.#rechecks) throw error;
      return await this.#owner.permit(session);
    }
  }

  reads(right: ReadingRight): boolean {
    return this.#followed.get(right.session) === right;
  }

  /** The right to read has ended. */
  evict(session: string): void {
    if (!this.#followed.get(session)) return;
    this.unfollow(session);
    this.#owner.send({ t: 'closed', s: session, why: 'forbidden' });
  }

  report(error: unknown, session: string): void {
    this.#core.report(error, { session });
  }
}

/** A client that comes to a run belongs to its trace as well. Asks for nothing where nobody traces. */
async function linkToRuns({ log }: Core, session: string, span: Span): Promise<void> {
  if (!span.isRecording()) return;
  const head = await log.head(session).catch(() => null);
  linkTo(span, head?.runs.map(({ info }) => runRecordOf(info).traceparent) ?? []);
}
