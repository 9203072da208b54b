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
import type { SessionHub } from '../session/hub.ts';
import type { HubShare } from '../session/hubs.ts';
import type { SessionPresence } from '../session/presence.ts';
import type { RingFrame } from '../session/ring.ts';
import type { Present } from '../session/roster.ts';
import type { SessionSnapshot } from '../session/snapshot.ts';
import type { Outlet } from './outlet.ts';
import { replayFrom } from './replay.ts';
import { snapshotFrames } from './snapshot-frames.ts';
import { Window } from './window.ts';

export interface SubscriptionOptions {
  readonly session: string;
  readonly share: HubShare;
  readonly log: SessionLog;
  readonly limits: Limits;
  readonly now: () => number;
  readonly outlet: Outlet;
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

const emptyAt = (position: Position, presence: SessionPresence): SessionSnapshot => ({
  position,
  items: [],
  runs: [],
  queue: [],
  operator: null,
  before: null,
  present: presence.present,
});

/**
 * One client's reading of one session: a cursor that follows the log as fast as the client
 * acknowledges, from the hub's newest frames or, when it is further behind, from the log. Nothing
 * is queued here.
 */
export class Subscription {
  readonly #options: SubscriptionOptions;
  readonly #hub: SessionHub;
  readonly #outlet: Outlet;
  readonly #window: Window;
  readonly #unlisten: () => void;
  /** Nothing flows before `start` has answered. */
  #state: State = { kind: 'pumping', again: false };
  #cursor: Position = { epoch: '', id: origin };
  /** The hub's byte count up to the cursor, which tells how far behind the client is. */
  #mark = 0;
  #pendingReset: ResetReason | null = null;
  /** What `sub` asked for, until the socket takes an answer. */
  #asked: { readonly r: number; readonly position: Position | null } | null = null;
  /** What is left of a snapshot: it goes on as fast as the network takes it (HF-FLOW-7). */
  #rest: Iterator<string> | null = null;
  /** Whether the client was told that it has caught up, since its last snapshot. */
  #live = false;
  #told: Present | null = null;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#hub = options.share.hub;
    this.#outlet = options.outlet;
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

  /**
   * Answers `sub`: from the position if it holds, else with a snapshot (section 7). Where the network
   * takes nothing, later: a client that subscribes and does not read gets no second answer.
   */
  async start(r: number, position: Position | null): Promise<void> {
    if (this.#closed) return;
    this.#asked = { r, position };
    if (this.#outlet.isCongested) {
      this.#state = { kind: 'blocked', since: this.#options.now() };
      return;
    }
    this.#state = { kind: 'pumping', again: false };
    await this.#inTurn(() => this.#answer());
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
    this.#rest = null;
    this.#unlisten();
    this.#hub.presence.leave(this);
    this.#options.share.release();
  }

  /** Within a snapshot there is nothing to acknowledge yet. */
  get #mayFlow(): boolean {
    return !this.#outlet.isCongested && (this.#rest !== null || this.#window.open);
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
        if (this.#isCurrent && this.#sendFromHub()) {
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
    const mayFlow = this.#mayFlow;
    this.#state = mayFlow ? { kind: 'idle' } : { kind: 'blocked', since: this.#options.now() };
    if (mayFlow) this.#tellPresence();
  }

  /** Whether live entries are all that there is to send. */
  get #isCurrent(): boolean {
    return this.#asked === null && this.#rest === null && this.#staleness() === null;
  }

  /** Of all subscriptions of a socket one at a time makes what it begins with, while there is room. */
  #inTurn(begin: () => Promise<void>): Promise<void> {
    return this.#outlet.inTurn(async () => {
      if (this.#closed || this.#outlet.isCongested) return;
      await begin();
      if (!this.#closed) this.#sendRest();
    });
  }

  async #answer(): Promise<void> {
    const { session } = this.#options;
    const { r, position } = this.#asked ?? { r: 0, position: null };
    // What the hub gets meanwhile is behind the replay or in it: both are fine.
    const mark = this.#hub.bytes;
    const replay = position && (await replayFrom(this.#options, position));
    if (this.#closed) return;
    const subbed = { t: 'subbed', r, s: session } as const;
    if (position && replay?.kind === 'entries') {
      const { epoch, top } = replay;
      this.#asked = null;
      this.#frame({ ...subbed, epoch, top, mode: 'replay', recovered: true });
      this.#cursor = position;
      this.#mark = mark;
      for (const entry of replay.entries) {
        // The rest is read again when it may flow: nothing is kept but the cursor.
        if (!this.#mayFlow) return;
        this.#entry(this.#hub.encode(entry));
      }
      return;
    }
    const why = replay?.kind === 'reset' ? replay.why : null;
    await this.#snapshot(why, ({ epoch, id: top }) => {
      this.#asked = null;
      this.#frame({ ...subbed, epoch, top, mode: 'snapshot', recovered: why === null });
    });
  }

  async #advance(): Promise<void> {
    while (!this.#closed && this.#mayFlow) {
      if (this.#asked) await this.#inTurn(() => this.#answer());
      else if (this.#staleness() !== null && this.#rest === null)
        await this.#inTurn(() => this.#snapshot(this.#staleness()));
      // Another one's turn may have filled the socket: then nothing was begun.
      if (this.#closed || this.#asked || !this.#sendRest()) return;
      if (this.#staleness() !== null) continue;
      if (this.#sendFromHub()) return;
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
    // A snapshot may know more than was delivered here so far, or what was lost since: the log tells.
    if (seqOf(this.#cursor.id) > seqOf(top.id)) return false;
    const frames = this.#hub.framesAfter(this.#cursor.id);
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

  /** The session that was followed before it existed has begun: names its epoch (HF-SUB-4). */
  #begin(epoch: string): void {
    this.#cursor = { epoch, id: origin };
    const { session } = this.#options;
    const { presence } = this.#hub;
    // The first snapshot of a session is also the newest word on who is there.
    this.#told = presence.present;
    for (const text of snapshotFrames(session, emptyAt(this.#cursor, presence)))
      this.#outlet.send(text);
  }

  /** Before it has caught up a client is busy with other things; it is told then. */
  #tellPresence(): void {
    const { present } = this.#hub.presence;
    // Nobody is there, as far as a client knows that was told nothing.
    const isTold = present === this.#told || (this.#told === null && present.count === 0);
    if (!this.#live || isTold || this.#outlet.isCongested) return;
    this.#told = present;
    this.#outlet.send(this.#hub.presenceFrame);
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
    if (first) this.#outlet.send(sent.length === 1 ? first : sent);
    return sent.length === frames.length;
  }

  #entry(frame: RingFrame): void {
    this.#outlet.send(frame.frame);
    this.#note(frame);
  }

  #note(frame: RingFrame): void {
    this.#window.sent(frame.seq, frame.frame.length);
    this.#mark += frame.frame.length;
    this.#cursor = { epoch: this.#cursor.epoch, id: frame.id };
  }

  #frame(frame: ServerFrame): void {
    this.#outlet.send(encodeFrame(frame));
  }

  async #snapshot(why: ResetReason | null, announce?: (at: Position) => void): Promise<void> {
    const { session } = this.#options;
    // What the hub delivers while the snapshot is made is behind it or in it: both are fine.
    const mark = this.#hub.bytes;
    // A reset that comes while it is made is about what it was made of: another one follows.
    this.#pendingReset = null;
    const snapshot = await this.#hub.snapshot();
    if (this.#closed) return;
    announce?.(snapshot.position);
    if (why !== null) this.#frame({ t: 'reset', s: session, why });
    this.#rest = snapshotFrames(session, snapshot);
    this.#told = snapshot.present;
    this.#cursor = snapshot.position;
    this.#mark = mark;
    this.#live = false;
  }

  /** Sends what is left of a snapshot; false when the network takes no more for now. */
  #sendRest(): boolean {
    while (this.#rest) {
      if (this.#outlet.isCongested) return false;
      const next = this.#rest.next();
      if (next.done) this.#rest = null;
      else {
        const text = Buffer.from(next.value);
        this.#outlet.send(text);
        this.#window.sent(seqOf(this.#cursor.id), text.length);
      }
    }
    return true;
  }
}
