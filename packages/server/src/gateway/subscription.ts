import {
  encodeFrame,
  origin,
  type Position,
  type Presence,
  type PresenceFrame,
  type ResetReason,
  type ServerFrame,
  seqOf,
} from '@holdfast/protocol';
import type { Participant } from '../contract/participant.ts';
import type { ReadingRight } from '../rights/reading-rights.ts';
import type { LogCursor } from '../session/cursor.ts';
import type { SessionHub } from '../session/hub.ts';
import type { HubListener } from '../session/hub-listener.ts';
import type { HubShare } from '../session/hubs.ts';
import type { RingFrame } from '../session/ring.ts';
import type { Present } from '../session/roster.ts';
import { emptySnapshot } from '../session/snapshot.ts';
import { noteResume, noteSent } from '../telemetry/metrics.ts';
import { Flow, type FlowHost } from './flow.ts';
import type { Outlet } from './outlet.ts';
import { replayFrom } from './replay.ts';
import { snapshotFrames } from './snapshot-frames.ts';
import { SnapshotSender } from './snapshot-sender.ts';
import type { SubscriptionOwner } from './subscription-owner.ts';
import { Window } from './window.ts';

/**
 * The reading of one session by one client: a cursor that follows the log as fast as the client
 * acknowledges, from the hub's newest frames or, when it is further behind, from the log. Nothing
 * is queued here.
 */
export class Subscription implements FlowHost, HubListener, ReadingRight {
  askAt: number;
  readonly session: string;
  readonly #share: HubShare;
  readonly #reader: Participant;
  readonly #owner: SubscriptionOwner;
  readonly #hub: SessionHub;
  readonly #outlet: Outlet;
  readonly #window: Window;
  readonly #flow: Flow;
  readonly #cursor: LogCursor;
  /** Null while no snapshot is under way, which is nearly always. */
  #underWay: SnapshotSender | null = null;
  #pendingReset: ResetReason | null = null;
  /** The request of `sub`, until the socket takes an answer. */
  #asked: { readonly r: number; readonly position: Position | null } | null = null;
  /** True when the client was told that it has caught up, since its last snapshot. */
  #live = false;
  #told: Present | null = null;

  constructor(share: HubShare, reader: Participant, owner: SubscriptionOwner, askAt: number) {
    this.askAt = askAt;
    this.session = share.hub.session;
    this.#share = share;
    this.#reader = reader;
    this.#owner = owner;
    this.#hub = share.hub;
    this.#outlet = owner.outlet;
    this.#window = new Window(owner.limits.windowBytes);
    this.#cursor = this.#hub.cursor({ epoch: '', id: origin });
    this.#flow = new Flow(this);
    this.#hub.listen(this);
    this.#hub.presence.greet();
  }

  advanced(): void {
    this.#flow.pump();
  }

  reset(why: ResetReason): void {
    this.#pendingReset = why;
    this.#flow.pump();
  }

  deleted(): void {
    this.close();
    this.#owner.onDeleted(this.session);
  }

  now(): number {
    return this.#owner.awake();
  }

  sendAtHand(): boolean {
    const isLive = this.#asked === null && this.#underWay === null;
    return isLive && this.#staleness() === null && this.#sendFromHub();
  }

  onIdle(): void {
    this.presence();
  }

  onFault(error: unknown): void {
    this.#owner.onFault(error, this.session);
  }

  onSent(bytes: number): void {
    this.#window.sent(seqOf(this.#cursor.id), bytes);
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
    if (this.#flow.isClosed) return;
    this.#asked = { r, position };
    if (this.#outlet.isCongested) this.#flow.block();
    else await this.#flow.start(() => this.#inTurn(() => this.#answer()));
  }

  /** False when it acknowledges nothing new. */
  acked(id: string): boolean {
    const isNew = this.#window.acked(id);
    this.#flow.retry();
    return isNew;
  }

  retry(): void {
    this.#flow.retry();
  }

  /** True when the client has owed an acknowledgement for too long (HF-FLOW-4). */
  isStalled(now: number): boolean {
    const since = this.#flow.blockedSince;
    return since !== null && now - since > this.#owner.limits.stallMs;
  }

  /** With `isCut` its participant stays for a little: the stream is begun anew (HF-EVT-8). */
  close(isCut = false): void {
    if (this.#flow.isClosed) return;
    this.#flow.close();
    this.#underWay?.drop();
    this.#underWay = null;
    this.#hub.unlisten(this);
    if (isCut) this.#hub.presence.leaveSoon(this);
    else this.#hub.presence.leave(this);
    this.#share.release();
  }

  /** Within a snapshot there is nothing to acknowledge yet. */
  mayFlow(): boolean {
    return !this.#outlet.isCongested && (this.#underWay !== null || this.#window.open);
  }

  /** Of all subscriptions of a socket one at a time makes what it begins with, while there is room. */
  #inTurn(begin: () => Promise<void>): Promise<void> {
    return this.#outlet.inTurn(async () => {
      if (this.#flow.isClosed || this.#outlet.isCongested) return;
      await begin();
      if (!this.#flow.isClosed) this.#underWay = this.#underWay?.goOn() ?? null;
    });
  }

  async #answer(): Promise<void> {
    const files = this.#owner.filesOf(this.session, this.#reader);
    const { r, position } = this.#asked ?? { r: 0, position: null };
    // Entries that the hub gets meanwhile are behind the replay or in it: both are fine.
    const mark = this.#hub.bytes;
    const replay = position && (await replayFrom(this.#hub.cursor(position), this.#owner.limits));
    if (this.#flow.isClosed) return;
    const subbed = { t: 'subbed', r, s: this.session, ...(files && { files }) } as const;
    if (position && replay?.kind === 'entries') {
      const { epoch, top } = replay;
      this.#asked = null;
      noteResume('replay');
      this.#frame({ ...subbed, epoch, top, mode: 'replay', recovered: true });
      this.#cursor.moveTo(position, mark);
      for (const entry of replay.entries) {
        // The rest is read again when it may flow: nothing is kept but the cursor.
        if (!this.#entries([this.#hub.encode(entry)])) return;
      }
      return;
    }
    const why = replay?.kind === 'reset' ? replay.why : null;
    await this.#snapshot(why, ({ epoch, id: top }) => {
      this.#asked = null;
      this.#frame({ ...subbed, epoch, top, mode: 'snapshot', recovered: why === null });
    });
  }

  /** Sends what there is, wherever it has to be had from. */
  async send(): Promise<void> {
    while (!this.#flow.isClosed && this.mayFlow()) {
      if (this.#asked) await this.#inTurn(() => this.#answer());
      else if (this.#staleness() !== null && this.#underWay === null)
        await this.#inTurn(() => this.#snapshot(this.#staleness()));
      // Another one's turn may have filled the socket: then nothing was begun.
      if (this.#flow.isClosed || this.#asked) return;
      this.#underWay = this.#underWay?.goOn() ?? null;
      if (this.#underWay) return;
      if (this.#staleness() !== null) continue;
      if (this.#sendFromHub()) return;
      const read = await this.#cursor.read();
      if (this.#flow.isClosed || read.kind === 'missing') return;
      if (read.kind === 'reset') this.#pendingReset = read.why;
      else {
        if (this.#cursor.epoch === '') this.#begin(read.epoch);
        // Nothing is there yet that was not delivered: the hub tells when that changes.
        if (read.entries.length === 0) return this.#caughtUp();
        for (const entry of read.entries) {
          if (!this.#entries([this.#hub.encode(entry)])) return;
        }
      }
    }
  }

  /** Why going on from the cursor is impossible or not worth it; null when it is fine. */
  #staleness(): ResetReason | null {
    if (this.#pendingReset !== null) return this.#pendingReset;
    return this.#cursor.lag > this.#owner.limits.lagBytes ? 'lag' : null;
  }

  /** Sends what the hub holds behind the cursor; false when the log must be read. */
  #sendFromHub(): boolean {
    const { epoch } = this.#hub.position;
    if (this.#cursor.epoch === '' && epoch !== '') this.#begin(epoch);
    const frames = this.#cursor.delivered;
    if (frames === null) return false;
    if (!this.#entries(frames)) return true;
    this.#cursor.caughtUp();
    this.#caughtUp();
    return true;
  }

  #caughtUp(): void {
    if (this.#live) return;
    this.#live = true;
    this.#frame({ t: 'live', s: this.session, i: this.#cursor.id });
    this.presence();
  }

  /** The session that was followed before it existed has begun: names its epoch (HF-SUB-4). */
  #begin(epoch: string): void {
    this.#cursor.moveTo({ epoch, id: origin });
    const { presence } = this.#hub;
    // The first snapshot of a session is also the newest word on who is there.
    this.#told = presence.present;
    const empty = emptySnapshot(this.#cursor.position, presence.present);
    for (const text of snapshotFrames(this.session, empty)) this.#outlet.send(text);
  }

  /** Before it has caught up a client is busy with other things; it is told then. */
  presence(): void {
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
      if (!this.mayFlow()) break;
      sent.push(frame.frame);
      this.#note(frame);
    }
    const [first] = sent;
    if (first) this.#outlet.send(sent.length === 1 ? first : sent);
    return sent.length === frames.length;
  }

  #note(frame: RingFrame): void {
    this.#window.sent(frame.seq, frame.frame.length);
    this.#cursor.pass(frame.id, frame.frame.length);
    noteSent(frame.frame.length);
  }

  #frame(frame: ServerFrame): void {
    this.#outlet.send(encodeFrame(frame));
  }

  async #snapshot(why: ResetReason | null, announce?: (at: Position) => void): Promise<void> {
    // Entries that the hub delivers while the snapshot is made are behind it or in it: both are fine.
    const mark = this.#hub.bytes;
    // A reset that comes while it is made is about what it was made of: another one follows.
    this.#pendingReset = null;
    const snapshot = await this.#owner.snapshotOf(this.#hub, this.#reader);
    if (this.#flow.isClosed) return;
    noteResume(why === null ? 'snapshot' : 'reset', why ?? undefined);
    announce?.(snapshot.position);
    if (why !== null) this.#frame({ t: 'reset', s: this.session, why });
    this.#underWay = new SnapshotSender(this.session, snapshot, this.#outlet, this);
    this.#told = snapshot.present;
    this.#cursor.moveTo(snapshot.position, mark);
    this.#live = false;
  }
}
