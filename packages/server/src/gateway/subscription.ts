import type { SessionLog } from '@holdfast/log';
import {
  encodeFrame,
  type Limits,
  origin,
  type Position,
  type Presence,
  type PresenceFrame,
  type ResetReason,
  type ServerFrame,
  seqOf,
} from '@holdfast/protocol';
import type { SessionHub, SessionSnapshot } from '../session/hub.ts';
import type { HubShare } from '../session/hubs.ts';
import type { RingFrame } from '../session/ring.ts';
import { replayFrom } from './replay.ts';
import { snapshotFrames } from './snapshot-frames.ts';
import { Window } from './window.ts';

export interface SubscriptionOptions {
  readonly session: string;
  readonly share: HubShare;
  readonly log: SessionLog;
  readonly limits: Limits;
  readonly now: () => number;
  /** Whether the network takes nothing more: an acknowledgement can be forged, this cannot. */
  isCongested(): boolean;
  send(text: string | Uint8Array | readonly Uint8Array[]): void;
  /** The subscription is over; called once, never after `close`. */
  onClosed(why: 'deleted'): void;
  onFault(error: unknown): void;
}

/**
 * `pumping` sends what is behind the cursor; `again` means that more came meanwhile; `blocked`
 * waits for an acknowledgement and keeps nothing but the cursor (HF-FLOW-2).
 */
type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'pumping'; readonly again: boolean }
  | { readonly kind: 'blocked'; readonly since: number }
  | { readonly kind: 'closed' };

const page = 200;

const emptyAt = (position: Position): SessionSnapshot => ({
  position,
  items: [],
  runs: [],
  queue: [],
  operator: null,
  before: null,
  who: [],
});

/**
 * One client's reading of one session: a cursor that follows the log as fast as the client
 * acknowledges, from the hub's newest frames or, when it is further behind, from the log. Nothing
 * is queued here.
 */
export class Subscription {
  readonly #options: SubscriptionOptions;
  readonly #hub: SessionHub;
  readonly #window: Window;
  readonly #unlisten: () => void;
  #state: State = { kind: 'idle' };
  #cursor: Position = { epoch: '', id: origin };
  /** The hub's byte count up to the cursor, which tells how far behind the client is. */
  #mark = 0;
  #pendingReset: ResetReason | null = null;
  /** Whether the client was told that it has caught up, since its last snapshot. */
  #live = false;
  #toldWho: readonly Presence[] = [];

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#hub = options.share.hub;
    this.#window = new Window(options.limits.windowBytes);
    this.#unlisten = this.#hub.listen({
      advanced: () => this.#pump(),
      reset: (why) => {
        this.#pendingReset = why;
        this.#pump();
      },
      deleted: () => {
        this.close();
        options.onClosed('deleted');
      },
      presence: () => this.#tellPresence(),
    });
    this.#hub.presence.greet();
  }

  /** Says that the subscription's participant is there, or is not (HF-PRES-1). */
  present(participant: Omit<Presence, 'state'>, state: PresenceFrame['state']): void {
    this.#hub.presence.set(this, participant, state);
  }

  tick(now: number): void {
    this.#hub.presence.tick(now);
    this.retry();
  }

  /** Answers `sub`: from the position if it holds, else with a snapshot (section 7). */
  async start(r: number, position: Position | null): Promise<void> {
    this.#state = { kind: 'pumping', again: false };
    const { session } = this.#options;
    const replay = position && (await replayFrom(this.#options, position));
    if (this.#closed) return;
    const subbed = { t: 'subbed', r, s: session } as const;
    if (position && replay?.kind === 'entries') {
      const { epoch, top } = replay;
      this.#frame({ ...subbed, epoch, top, mode: 'replay', recovered: true });
      this.#cursor = position;
      this.#mark = this.#hub.bytes;
      for (const entry of replay.entries) this.#entry(this.#hub.encode(entry));
    } else {
      const why = replay?.kind === 'reset' ? replay.why : null;
      await this.#snapshot(why, (at) =>
        this.#frame({
          ...subbed,
          epoch: at.epoch,
          top: at.id,
          mode: 'snapshot',
          recovered: why === null,
        }),
      );
    }
    await this.#run();
  }

  /** False when it acknowledges nothing new. */
  acked(id: string): boolean {
    const isNew = this.#window.acked(id);
    this.retry();
    return isNew;
  }

  /** Goes on if it was blocked and need not be any more. */
  retry(): void {
    if (this.#state.kind !== 'blocked' || !this.#mayFlow) return;
    this.#state = { kind: 'idle' };
    this.#pump();
  }

  /** Whether the client has owed an acknowledgement for too long (HF-FLOW-4). */
  isStalled(now: number): boolean {
    return this.#state.kind === 'blocked' && now - this.#state.since > this.#options.limits.stallMs;
  }

  close(): void {
    if (this.#closed) return;
    this.#state = { kind: 'closed' };
    this.#unlisten();
    this.#hub.presence.leave(this);
    this.#options.share.release();
  }

  get #mayFlow(): boolean {
    return this.#window.open && !this.#options.isCongested();
  }

  get #closed(): boolean {
    return this.#state.kind === 'closed';
  }

  #pump(): void {
    switch (this.#state.kind) {
      case 'idle':
        this.#state = { kind: 'pumping', again: false };
        // Live entries are at hand in the hub: sending them now, not a tick later, keeps the
        // path of a chunk short.
        if (this.#staleness() === null && this.#sendFromHub()) {
          this.#settle();
          return;
        }
        void this.#run();
        break;
      case 'pumping':
        this.#state = { kind: 'pumping', again: true };
        break;
      default:
        break;
    }
  }

  async #run(): Promise<void> {
    try {
      do {
        if (this.#state.kind === 'pumping') this.#state = { kind: 'pumping', again: false };
        await this.#advance();
      } while (this.#state.kind === 'pumping' && this.#state.again && this.#mayFlow);
      this.#settle();
    } catch (error) {
      if (!this.#closed) this.#options.onFault(error);
    }
  }

  #settle(): void {
    if (this.#state.kind !== 'pumping') return;
    this.#state = this.#mayFlow
      ? { kind: 'idle' }
      : { kind: 'blocked', since: this.#options.now() };
  }

  async #advance(): Promise<void> {
    while (!this.#closed && this.#mayFlow) {
      const why = this.#staleness();
      if (why !== null) await this.#snapshot(why);
      if (this.#closed || this.#sendFromHub()) return;
      const after = this.#cursor.epoch === '' ? null : this.#cursor;
      const read = await this.#options.log.read(this.#options.session, { after, limit: page });
      if (this.#closed) return;
      if (read.kind === 'missing') return;
      if (read.kind === 'reset') this.#pendingReset = read.why;
      else {
        if (this.#cursor.epoch === '') this.#begin(read.epoch);
        // Nothing is there yet that was not delivered: the hub tells when that changes.
        if (read.entries.length === 0) return this.#caughtUp();
        for (const entry of read.entries) {
          if (!this.#mayFlow) return;
          this.#entry(this.#hub.encode(entry));
        }
      }
    }
  }

  /** Why going on from the cursor is impossible or not worth it; null when it is fine. */
  #staleness(): ResetReason | null {
    if (this.#pendingReset !== null) return this.#pendingReset;
    return this.#hub.bytes - this.#mark > this.#options.limits.lagBytes ? 'lag' : null;
  }

  /** Sends what the hub holds behind the cursor; false when the log must be read. */
  #sendFromHub(): boolean {
    const top = this.#hub.position;
    if (this.#cursor.epoch === '' && top.epoch !== '') this.#begin(top.epoch);
    // Another incarnation: the feed's reset is on its way, or the log tells.
    if (this.#cursor.epoch !== top.epoch) return false;
    // A snapshot may know more than was delivered here so far; what is behind it comes as ever.
    const isAhead = seqOf(this.#cursor.id) > seqOf(top.id);
    const frames = isAhead ? [] : this.#hub.framesAfter(this.#cursor.id);
    if (frames === null) return false;
    if (!this.#entries(frames)) return true;
    this.#mark = this.#hub.bytes;
    this.#caughtUp();
    return true;
  }

  #caughtUp(): void {
    if (this.#live) return;
    this.#live = true;
    this.#frame({ t: 'live', s: this.#options.session, i: this.#cursor.id });
    this.#tellPresence();
  }

  /** The session that was followed before it existed has begun: names its epoch (HF-SUB-8). */
  #begin(epoch: string): void {
    this.#cursor = { epoch, id: origin };
    const { session } = this.#options;
    const { who } = this.#hub.presence;
    // The first snapshot of a session is also the newest word on who is there.
    this.#toldWho = who;
    for (const frame of snapshotFrames(session, { ...emptyAt(this.#cursor), who }))
      this.#frame(frame);
  }

  /** Before it has caught up a client is busy with other things; it is told then. */
  #tellPresence(): void {
    const { who } = this.#hub.presence;
    if (!this.#live || who === this.#toldWho) return;
    this.#toldWho = who;
    this.#frame({ t: 'presence', s: this.#options.session, who });
  }

  /** False when not all of them may flow. */
  #entries(frames: readonly RingFrame[]): boolean {
    const sent: Buffer[] = [];
    for (const frame of frames) {
      if (!this.#mayFlow) break;
      sent.push(frame.frame);
      this.#note(frame);
    }
    const [first] = sent;
    if (first) this.#options.send(sent.length === 1 ? first : sent);
    return sent.length === frames.length;
  }

  #entry(frame: RingFrame): void {
    this.#options.send(frame.frame);
    this.#note(frame);
  }

  #note(frame: RingFrame): void {
    this.#window.sent(frame.seq, frame.frame.length);
    this.#mark += frame.frame.length;
    this.#cursor = { epoch: this.#cursor.epoch, id: frame.id };
  }

  #frame(frame: ServerFrame): void {
    this.#options.send(encodeFrame(frame));
  }

  async #snapshot(why: ResetReason | null, announce?: (at: Position) => void): Promise<void> {
    const { session } = this.#options;
    // What the hub delivers while the snapshot is made is behind it or in it: both are fine.
    const mark = this.#hub.bytes;
    const snapshot = await this.#hub.snapshot();
    if (this.#closed) return;
    this.#pendingReset = null;
    announce?.(snapshot.position);
    if (why !== null) this.#frame({ t: 'reset', s: session, why });
    for (const frame of snapshotFrames(session, snapshot)) {
      const text = encodeFrame(frame);
      this.#options.send(text);
      this.#window.sent(seqOf(snapshot.position.id), text.length);
    }
    this.#toldWho = snapshot.who;
    this.#cursor = snapshot.position;
    this.#mark = mark;
    this.#live = false;
  }
}
