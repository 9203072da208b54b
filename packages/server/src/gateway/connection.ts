import {
  type AckFrame,
  type AuthFrame,
  type CancelFrame,
  type ClientFrame,
  type CloseCode,
  closeCodes,
  decodeClientFrame,
  encodeFrame,
  type HelloFrame,
  HoldfastError,
  type ServerFrame,
  subprotocol,
  version,
} from '@holdfast/protocol';
import { cancelRun } from '../commands/cancel-run.ts';
import type { Participant } from '../contract/participant.ts';
import type { Core } from '../core.ts';
import { Rate } from '../rights/rate.ts';
import type { Guest } from '../rights/revocations.ts';
import { wireError } from '../wire-error.ts';
import { type ConnectionHost, type ConnectionState, openWith } from './connection-host.ts';
import { admitted, type Credentials } from './credentials.ts';
import { type FrameHandler, FrameQueue } from './frame-queue.ts';
import { Heartbeat } from './heartbeat.ts';
import { type Opening, requestOf } from './kept-request.ts';
import { Outlet, type OutletOwner } from './outlet.ts';
import type { HeldSocket, SocketListener } from './socket.ts';
import { wordsForStock } from './stock-frame.ts';
import { Subscriptions, type SubscriptionsOwner } from './subscriptions.ts';

/**
 * A client's socket. Frames are handled one after another in their order (HF-CONN-5); every
 * violation of section 5 ends in the close code that stands there.
 */
export class Connection
  implements FrameHandler<ClientFrame>, SubscriptionsOwner, OutletOwner, SocketListener, Guest
{
  readonly id: string;
  readonly #core: Core;
  readonly #socket: HeldSocket;
  readonly #outlet: Outlet;
  readonly #opening: Opening;
  readonly #host: ConnectionHost;
  /** These two are null while they would be as new: a client that waits says nothing. */
  #rate: Rate | null = null;
  #queue: FrameQueue<ClientFrame> | null = null;
  readonly #heartbeat: Heartbeat;
  readonly #subscriptions: Subscriptions;
  #state: ConnectionState;

  constructor(core: Core, socket: HeldSocket, opening: Opening, host: ConnectionHost) {
    const now = host.awake();
    this.id = core.environment.id();
    this.#core = core;
    this.#socket = socket;
    this.#outlet = new Outlet(socket, core.limits, this);
    this.#opening = opening;
    this.#host = host;
    this.#state = { kind: 'greeting', until: now + core.limits.helloTimeoutMs };
    this.#heartbeat = new Heartbeat(core.limits, now);
    this.#subscriptions = new Subscriptions(core, this.#outlet, this);
    socket.tell(this);
    if (socket.protocol !== subprotocol) this.close(closeCodes.noCommonVersion);
  }

  /** Called about once a second, or late: all that depends on time. */
  tick(now: number, isLate: boolean): void {
    const awake = this.#host.awake();
    if (isLate) {
      // Frames that came meanwhile are read before anybody is judged; a client that has heard nothing so long hears.
      if (this.#state.kind === 'open') this.send({ t: 'ping' });
      return;
    }
    if (this.#state.kind === 'greeting' && awake >= this.#state.until)
      this.close(closeCodes.helloTimeout);
    if (this.#rate?.isFull(now)) this.#rate = null;
    if (this.#queue?.isIdle) this.#queue = null;
    if (this.#state.kind !== 'open') return;
    const { askAt, endAt } = this.#state;
    if (endAt !== null && now >= endAt) {
      this.close(closeCodes.tokenExpired);
      return;
    }
    if (askAt !== null && endAt !== null && now >= askAt) {
      this.send({ t: 'reauth', inMs: endAt - now });
      this.#state = { ...this.#state, askAt: null };
    }
    const heard = this.#heartbeat.look(awake);
    if (heard === 'ask') this.send({ t: 'ping' });
    if (heard === 'gone') this.close(closeCodes.noPong);
    else this.#subscriptions.tick(now, awake);
  }

  get isClosed(): boolean {
    return this.#state.kind === 'closed';
  }

  get follows(): number {
    return this.#subscriptions.size;
  }

  get isOpen(): boolean {
    return this.#state.kind === 'open';
  }

  get isStream(): boolean {
    return this.#host.isStream === true;
  }

  awake(): number {
    return this.#host.awake();
  }

  /** Null before it is known, and behind the end. */
  get presented(): Participant | null {
    return this.#state.kind === 'open' ? this.#state.participant : null;
  }

  /** The id of its participant; empty as long as nobody is. */
  get participant(): string {
    return this.presented?.id ?? '';
  }

  drain(spreadMs: number): void {
    if (this.#state.kind === 'open') this.send({ t: 'drain', spreadMs });
  }

  close({ code, name }: CloseCode, reason: string = name): void {
    if (this.#state.kind === 'closed') return;
    this.#end();
    this.#socket.shut(code, reason);
  }

  overflowed(): void {
    this.close(closeCodes.slowConsumer);
  }

  drained(): void {
    this.#subscriptions.retry();
  }

  gone(): void {
    this.#end();
    this.#host.onGone(this.#socket);
  }

  #end(): void {
    if (this.#state.kind === 'closed') return;
    if (this.#state.kind === 'open') {
      this.#core.quotas.leave(this.participant, 'connection');
      this.#core.revocations.leave(this);
    }
    this.#state = { kind: 'closed' };
    this.#subscriptions.close();
    this.#host.onClosed(this.#socket);
  }

  received(text: string | null): void {
    if (this.#state.kind === 'closed') return;
    this.#heartbeat.heard(this.#host.awake());
    const bytes = Buffer.byteLength(text ?? '');
    if (bytes > this.#core.limits.frameBytes) this.close(closeCodes.tooBig);
    else if (!this.#isPaced() || this.#queue?.isFullFor(bytes)) this.close(closeCodes.tooMany);
    else {
      const { jsonDepth } = this.#core.limits;
      const decoded = decodeClientFrame(text, jsonDepth);
      if (decoded.kind === 'frame') this.#enqueue(decoded.frame, bytes);
      else this.close(closeCodes.badFrame, wordsForStock(text, jsonDepth));
    }
  }

  #isPaced(): boolean {
    const { limits, environment } = this.#core;
    const now = environment.now();
    this.#rate ??= new Rate(limits.framesPerSecond, limits.framesBurst, now);
    return this.#rate.take(now);
  }

  #enqueue(frame: ClientFrame, bytes: number): void {
    // The most frequent frame, of which nobody waits for the answer, takes no detour.
    const isIdle = this.#queue?.isIdle ?? true;
    // Its answer has its turn behind what the application or the log takes long for, and is no sign of life till then.
    if (frame.t === 'ping' && !isIdle && this.isOpen)
      setImmediate(() => this.#queue?.isIdle === false && this.send({ t: 'ping' }));
    if (frame.t === 'ack' && isIdle && this.#state.kind === 'open') this.#acked(frame);
    else {
      this.#queue ??= new FrameQueue(this.#core.limits, this);
      this.#queue.push(frame, bytes);
    }
  }

  async handle(frame: ClientFrame): Promise<void> {
    if (this.#state.kind === 'open') return await this.#serve(frame, this.#state.participant);
    if (this.#state.kind === 'closed') return;
    if (frame.t === 'hello') await this.#hello(frame);
    else this.close(closeCodes.unauthorized);
  }

  onFault(error: unknown): void {
    this.#core.report(error, {});
    this.close(closeCodes.internal);
  }

  async #serve(frame: ClientFrame, participant: Participant): Promise<void> {
    switch (frame.t) {
      case 'hello':
        return this.close(closeCodes.badFrame);
      case 'auth':
        return await this.#auth(frame);
      case 'sub':
        return await this.#answer(frame.r, () => this.#subscriptions.follow(frame));
      case 'unsub':
        return this.#subscriptions.unfollow(frame.s);
      case 'ack':
        return this.#acked(frame);
      case 'cancel':
        return await this.#answer(frame.r, () => this.#cancel(frame));
      case 'presence':
        return this.#subscriptions.present(participant, frame);
      case 'ping':
        this.send({ t: 'pong' });
    }
  }

  #acked(frame: AckFrame): void {
    if (this.#subscriptions.acked(frame)) this.#rate?.refund();
  }

  async #hello(frame: HelloFrame): Promise<void> {
    if (frame.v !== version) return this.close(closeCodes.noCommonVersion);
    this.#state = { kind: 'admitting' };
    const credentials = await this.#admit(frame.token);
    if (!credentials || this.isClosed) return;
    const { id } = credentials.participant;
    const { quotas, revocations } = this.#core;
    if (!quotas.hasRoom(id, 'connection')) return this.close(closeCodes.tooMany);
    this.#state = openWith(credentials);
    quotas.enter(id, 'connection');
    revocations.enter(this);
    const { heartbeatMs, framesPerSecond, framesBurst, subscriptions } = this.#core.limits;
    const limits = { heartbeatMs, framesPerSecond, framesBurst, subscriptions };
    this.send({ t: 'welcome', v: version, conn: this.id, ...limits });
  }

  async #auth(frame: AuthFrame): Promise<void> {
    const credentials = await this.#admit(frame.token);
    if (!credentials || this.#state.kind !== 'open') return;
    if (credentials.participant.id !== this.#state.participant.id)
      return this.close(closeCodes.forbidden);
    this.#state = openWith(credentials);
    this.#subscriptions.recheck(0);
    this.send({ t: 'res', r: frame.r, ok: {} });
  }

  async #admit(token: string | undefined): Promise<Credentials | null> {
    const answer = await admitted(this.#core, this.#opening, token);
    if ('participant' in answer) return answer;
    this.close(answer);
    return null;
  }

  /** In one session, or in all of them and the socket with that (HF-AUTH-3). */
  revoke(session: string | undefined): void {
    this.#subscriptions.revoke(session);
    if (session === undefined) this.close(closeCodes.forbidden);
  }

  recheck(): void {
    this.#subscriptions.recheck();
  }

  async #cancel(frame: CancelFrame): Promise<void> {
    const participant = await this.permit(frame.s, 'cancel');
    const { r, s, run, command = '' } = frame;
    const target = run === undefined ? { command } : { run };
    this.send({ t: 'res', r, ok: await cancelRun(this.#core, s, target, participant) });
  }

  /** Asks again each time: a right that was withdrawn must not outlive the next frame (HF-FRM-6). */
  async permit(sessionId: string, action: 'read' | 'cancel' = 'read'): Promise<Participant> {
    const token = this.#state.kind === 'open' ? this.#state.token : undefined;
    const request = requestOf(this.#opening);
    return await this.#core.gatekeeper.admit({ action, sessionId, request, token });
  }

  async #answer(r: number, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!HoldfastError.is(error)) throw error;
      if (error.code === 'internal' || error.code === 'unavailable') this.#core.report(error, {});
      this.send({ t: 'res', r, err: wireError(error) });
    }
  }

  send(frame: ServerFrame): void {
    if (this.#state.kind !== 'closed') this.#outlet.send(encodeFrame(frame));
  }
}
