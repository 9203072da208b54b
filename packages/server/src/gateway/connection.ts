import {
  type AckFrame,
  type AuthFrame,
  type CancelFrame,
  type ClientFrame,
  type CloseCode,
  closeCodes,
  type Decoded,
  decodeClientFrame,
  encodeFrame,
  type HelloFrame,
  HoldfastError,
  parsePosition,
  type ServerFrame,
  type SubscribeFrame,
  subprotocol,
  version,
} from '@holdfast/protocol';
import { cancelRun } from '../commands/cancel-run.ts';
import type { Participant } from '../contract/participant.ts';
import type { Core } from '../core.ts';
import { presentedAs } from '../rights/authorize.ts';
import { Rate } from '../rights/rate.ts';
import { ReadingRights } from '../rights/reading-rights.ts';
import type { HubShare } from '../session/hubs.ts';
import { wireError } from '../wire-error.ts';
import { Outlet } from './outlet.ts';
import type { GatewaySocket } from './socket.ts';
import { Subscription } from './subscription.ts';

interface Credentials {
  readonly participant: Participant;
  readonly token: string | undefined;
  /** When to ask for new ones, and when these end; Infinity when they do not. */
  readonly askAt: number;
  readonly endAt: number;
}

type State =
  /** Before `hello`: nothing else is listened to. */
  | { readonly kind: 'greeting'; readonly until: number }
  /** `hello` came, and the application is asked: the client has said what it had to. */
  | { readonly kind: 'admitting' }
  | { readonly kind: 'open'; readonly credentials: Credentials }
  | { readonly kind: 'closed' };

/** The part of the gateway that its connections need. */
export interface ConnectionHost {
  /** The time, without that in which this process stood still: for the silence of clients. */
  readonly awake: () => number;
  readonly onClosed: () => void;
}

/** New credentials are asked for when this part of their life is over. */
const askShare = 0.8;

/**
 * A client's socket. Frames are handled one after another in their order (HF-CONN-5); every
 * violation of section 5 ends in the close code that stands there.
 */
export class Connection {
  readonly id: string;
  readonly #core: Core;
  readonly #socket: GatewaySocket;
  readonly #outlet: Outlet;
  readonly #request: Request;
  readonly #host: ConnectionHost;
  readonly #rate: Rate;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #reading: ReadingRights;
  #leave = () => {};
  #state: State;
  #queue: Promise<void> = Promise.resolve();
  #queued = 0;
  /** Of the frames that wait. */
  #queuedBytes = 0;
  #heardAt: number;
  #pingedAt = 0;

  constructor(core: Core, socket: GatewaySocket, request: Request, host: ConnectionHost) {
    const now = host.awake();
    this.id = core.environment.id();
    this.#core = core;
    this.#socket = socket;
    this.#outlet = new Outlet(socket, core.limits, () => this.close(closeCodes.slowConsumer));
    this.#request = request;
    this.#host = host;
    this.#rate = new Rate(
      core.limits.framesPerSecond,
      core.limits.framesBurst,
      core.environment.now(),
    );
    this.#state = { kind: 'greeting', until: now + core.limits.helloTimeoutMs };
    this.#heardAt = now;
    this.#reading = new ReadingRights({
      limits: core.limits,
      environment: core.environment,
      ask: (session) => this.#permit('read', session),
      evict: (session) => this.#evict(session),
      report: (error, session) => core.report(error, { session }),
    });
    socket.onMessage((text) => this.#receive(text));
    socket.onClose(() => this.#end());
    socket.onDrain?.(() => {
      for (const subscription of this.#subscriptions.values()) subscription.retry();
    });
    if (socket.protocol !== subprotocol) this.close(closeCodes.noCommonVersion);
  }

  /** Called about once a second, or late: all that depends on time. */
  tick(now: number, isLate: boolean): void {
    const { limits } = this.#core;
    const awake = this.#host.awake();
    if (isLate) {
      // Frames that came meanwhile are read before anybody is judged; a client that has heard nothing so long hears.
      if (this.#state.kind === 'open') this.#send({ t: 'ping' });
      return;
    }
    if (this.#state.kind === 'greeting' && awake >= this.#state.until)
      this.close(closeCodes.helloTimeout);
    if (this.#state.kind !== 'open') return;
    const { askAt, endAt } = this.#state.credentials;
    if (now >= endAt) {
      this.close(closeCodes.tokenExpired);
      return;
    }
    if (now >= askAt) {
      this.#send({ t: 'reauth', inMs: Math.max(0, endAt - now) });
      const credentials = { ...this.#state.credentials, askAt: Number.POSITIVE_INFINITY };
      this.#state = { kind: 'open', credentials };
    }
    const silent = awake - this.#heardAt;
    if (silent >= limits.heartbeatMs + limits.pongTimeoutMs) {
      this.close(closeCodes.noPong);
      return;
    }
    if (silent >= limits.heartbeatMs && this.#pingedAt <= this.#heardAt) {
      this.#pingedAt = awake;
      this.#send({ t: 'ping' });
    }
    this.#reading.tick(now);
    for (const subscription of this.#subscriptions.values()) subscription.retry();
    if ([...this.#subscriptions.values()].some((subscription) => subscription.isStalled(awake)))
      this.close(closeCodes.slowConsumer);
  }

  get isClosed(): boolean {
    return this.#state.kind === 'closed';
  }

  drain(spreadMs: number): void {
    if (this.#state.kind === 'open') this.#send({ t: 'drain', spreadMs });
  }

  close({ code, name }: CloseCode): void {
    if (this.#state.kind === 'closed') return;
    this.#end();
    this.#socket.close(code, name);
  }

  #end(): void {
    if (this.#state.kind === 'closed') return;
    this.#state = { kind: 'closed' };
    this.#leave();
    for (const subscription of this.#subscriptions.values()) subscription.close();
    this.#subscriptions.clear();
    this.#host.onClosed();
  }

  #receive(text: string | null): void {
    if (this.#state.kind === 'closed') return;
    this.#heardAt = this.#host.awake();
    const bytes = text === null ? 0 : Buffer.byteLength(text);
    if (bytes > this.#core.limits.frameBytes) this.close(closeCodes.tooBig);
    else if (!this.#rate.take(this.#core.environment.now()) || this.#holdsTooMuch(bytes))
      this.close(closeCodes.tooMany);
    else this.#enqueue(decodeClientFrame(text, this.#core.limits.jsonDepth), bytes);
  }

  /** Frames wait while one before them is handled, together no more than one frame may have (HF-CONN-7). */
  #holdsTooMuch(bytes: number): boolean {
    const { framesBurst, frameBytes } = this.#core.limits;
    return (
      this.#queued > framesBurst || (this.#queued > 0 && this.#queuedBytes + bytes > frameBytes)
    );
  }

  #enqueue(decoded: Decoded<ClientFrame>, bytes: number): void {
    if (decoded.kind !== 'frame') {
      this.close(closeCodes.badFrame);
      return;
    }
    // The most frequent frame, of which nobody waits for the answer, takes no detour.
    if (decoded.frame.t === 'ack' && this.#queued === 0 && this.#state.kind === 'open') {
      this.#acked(decoded.frame);
      return;
    }
    this.#queued++;
    this.#queuedBytes += bytes;
    this.#queue = this.#queue
      .then(() => {
        this.#queuedBytes -= bytes;
        return this.#handle(decoded.frame);
      })
      .catch((error: unknown) => {
        this.#core.report(error, {});
        this.close(closeCodes.internal);
      })
      .finally(() => {
        this.#queued--;
      });
  }

  async #handle(frame: ClientFrame): Promise<void> {
    if (this.#state.kind === 'closed') return;
    if (this.#state.kind === 'greeting') {
      if (frame.t === 'hello') return await this.#hello(frame);
      return this.close(closeCodes.unauthorized);
    }
    if (this.#state.kind !== 'open') return;
    switch (frame.t) {
      case 'hello':
        return this.close(closeCodes.badFrame);
      case 'auth':
        return await this.#auth(frame);
      case 'sub':
        return await this.#answer(frame.r, () => this.#subscribe(frame));
      case 'unsub':
        return this.#unfollow(frame.s);
      case 'ack':
        return this.#acked(frame);
      case 'cancel':
        return await this.#answer(frame.r, () => this.#cancel(frame));
      case 'presence':
        this.#subscriptions
          .get(frame.s)
          ?.present(presentedAs(this.#state.credentials.participant), frame.state);
        return;
      case 'ping':
        return this.#send({ t: 'pong' });
      default:
        return;
    }
  }

  #acked({ s, i }: AckFrame): void {
    if (this.#subscriptions.get(s)?.acked(i)) this.#rate.refund();
  }

  async #hello(frame: HelloFrame): Promise<void> {
    if (frame.v !== version) return this.close(closeCodes.noCommonVersion);
    this.#state = { kind: 'admitting' };
    const credentials = await this.#admit(frame.token);
    if (!credentials || this.isClosed) return;
    const { id } = credentials.participant;
    const { quotas, revocations } = this.#core;
    if (!quotas.hasRoom(id, 'connection')) return this.close(closeCodes.tooMany);
    this.#state = { kind: 'open', credentials };
    const giveBack = quotas.enter(id, 'connection');
    const leave = revocations.enter({
      participant: id,
      revoke: (session) => this.#revoke(session),
      recheck: () => this.#reading.hurry(),
    });
    this.#leave = () => {
      giveBack();
      leave();
    };
    const { heartbeatMs, framesPerSecond, framesBurst, subscriptions } = this.#core.limits;
    const limits = { heartbeatMs, framesPerSecond, framesBurst, subscriptions };
    this.#send({ t: 'welcome', v: version, conn: this.id, ...limits });
  }

  async #auth(frame: AuthFrame): Promise<void> {
    const credentials = await this.#admit(frame.token);
    if (!credentials || this.#state.kind !== 'open') return;
    if (credentials.participant.id !== this.#state.credentials.participant.id)
      return this.close(closeCodes.forbidden);
    this.#state = { kind: 'open', credentials };
    this.#reading.hurry(0);
    this.#send({ t: 'res', r: frame.r, ok: {} });
  }

  /** Asks who is there; closes when the answer is nobody. */
  async #admit(token: string | undefined): Promise<Credentials | null> {
    try {
      const participant = await this.#core.gatekeeper.admit({
        action: 'connect',
        sessionId: null,
        request: this.#request,
        token,
      });
      const life = participant.expiresInMs ?? Number.POSITIVE_INFINITY;
      const now = this.#core.environment.now();
      return { participant, token, askAt: now + life * askShare, endAt: now + life };
    } catch (error) {
      const refused = HoldfastError.is(error) && error.code === 'unauthorized';
      if (!refused) this.#core.report(error, {});
      this.close(refused ? closeCodes.unauthorized : closeCodes.internal);
      return null;
    }
  }

  async #subscribe({ r, s: session, pos }: SubscribeFrame): Promise<void> {
    const { limits } = this.#core;
    const position = pos === undefined ? null : parsePosition(pos);
    if (pos !== undefined && !position)
      throw new HoldfastError('bad_request', 'unable to subscribe: the position cannot be read');
    if (this.#subscriptions.has(session))
      throw new HoldfastError('conflict', 'unable to subscribe: this socket follows it already');
    if (this.#subscriptions.size >= limits.subscriptions)
      throw new HoldfastError(
        'limit',
        `unable to subscribe: a socket may follow ${limits.subscriptions} sessions`,
      );
    const from = position?.epoch === '' ? null : position;
    await this.#core.revocations.guarded(
      async () => {
        await this.#permit('read', session);
        return await this.#core.hubs.acquire(session);
      },
      (share) =>
        this.#follow(session, share)
          ?.start(r, from)
          .catch((error: unknown) => {
            this.#unfollow(session);
            throw error;
          }),
      (share) => share.release(),
    );
  }

  /** Null when the socket has closed while the session was opened. */
  #follow(session: string, share: HubShare): Subscription | null {
    const { limits } = this.#core;
    if (this.#state.kind !== 'open') {
      share.release();
      return null;
    }
    const subscription = new Subscription({
      session,
      share,
      limits,
      now: this.#host.awake,
      outlet: this.#outlet,
      onClosed: (why) => {
        this.#unfollow(session);
        this.#send({ t: 'closed', s: session, why });
      },
      onFault: (error) => {
        this.#core.report(error, { session });
        this.close(closeCodes.internal);
      },
    });
    this.#subscriptions.set(session, subscription);
    this.#reading.follow(session);
    return subscription;
  }

  #unfollow(session: string): void {
    this.#subscriptions.get(session)?.close();
    this.#subscriptions.delete(session);
    this.#reading.unfollow(session);
  }

  #evict(session: string): void {
    if (!this.#subscriptions.has(session)) return;
    this.#unfollow(session);
    this.#send({ t: 'closed', s: session, why: 'forbidden' });
  }

  /** In one session, or in all of them and the socket with that (HF-AUTH-3). */
  #revoke(session: string | undefined): void {
    if (session !== undefined) {
      this.#evict(session);
      return;
    }
    for (const each of [...this.#subscriptions.keys()]) this.#evict(each);
    this.close(closeCodes.forbidden);
  }

  async #cancel(frame: CancelFrame): Promise<void> {
    const participant = await this.#permit('cancel', frame.s);
    const { r, s, run, command = '' } = frame;
    const target = run === undefined ? { command } : { run };
    this.#send({ t: 'res', r, ok: await cancelRun(this.#core, s, target, participant) });
  }

  /** Asks again each time: a right that was withdrawn must not outlive the next frame (HF-FRM-6). */
  async #permit(action: 'read' | 'cancel', sessionId: string): Promise<Participant> {
    const token = this.#state.kind === 'open' ? this.#state.credentials.token : undefined;
    return await this.#core.gatekeeper.admit({ action, sessionId, request: this.#request, token });
  }

  async #answer(r: number, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!HoldfastError.is(error)) throw error;
      if (error.code === 'internal' || error.code === 'unavailable') this.#core.report(error, {});
      this.#send({ t: 'res', r, err: wireError(error) });
    }
  }

  #send(frame: ServerFrame): void {
    if (this.#state.kind !== 'closed') this.#outlet.send(encodeFrame(frame));
  }
}
