import { randomBytes } from 'node:crypto';
import { checked } from '../checked.ts';
import type { ClaimCommand, ClaimOutcome } from '../contract/claims.ts';
import type { Delivery, Unsubscribe } from '../contract/deliveries.ts';
import type { Head, ReadRequest, ReadResult } from '../contract/entries.ts';
import type {
  FileInfo,
  KeepOutcome,
  Mark,
  PieceSource,
  Places,
  PlacesChange,
  PutOutcome,
} from '../contract/files.ts';
import type {
  CheckpointCommand,
  CheckpointOutcome,
  FoundItem,
  ItemsRequest,
  ItemsResult,
  Opened,
  OpenRequest,
  SeedCommand,
  SeedOutcome,
} from '../contract/messages.ts';
import type { Reminder, ReminderTopic } from '../contract/reminders.ts';
import type {
  AppendCommand,
  AppendOutcome,
  CancelCommand,
  CancelOutcome,
  KnownRun,
  LeaseCommand,
  LeaseOutcome,
  ReapCommand,
  SuspectCommand,
  SuspectOutcome,
} from '../contract/runs.ts';
import type { KnownCommand, SendCommand, SendOutcome } from '../contract/sends.ts';
import type { LogLimits, SessionLog } from '../contract/session-log.ts';
import { logLimits } from '../limits.ts';
import { Claims } from './claims.ts';
import { Deliveries } from './deliveries.ts';
import {
  fileInfoStep,
  keepFileStep,
  newFiles,
  piecesOfStep,
  placesStep,
  putPieceStep,
  readPieceStep,
  revisionOfStep,
} from './files.ts';
import { headStep, runStep } from './head.ts';
import { Reminders } from './reminders.ts';
import { readStep } from './resume.ts';
import {
  appendStep,
  cancelStep,
  deleteStep,
  findCancelled,
  reapStep,
  renewStep,
  suspectStep,
} from './runs.ts';
import { commandStep, sendStep } from './sends.ts';
import { Sessions } from './sessions.ts';
import { erase, type SessionState } from './state.ts';
import type { StepContext } from './step.ts';
import { checkpointStep, findStep, itemsStep, openStep, seedStep } from './store.ts';

/** Options of `createMemoryLog`. */
export interface MemoryLogOptions {
  /**
   * Limits that differ from the defaults.
   * @default those of `defaultLimits`
   */
  readonly limits?: Partial<LogLimits> | undefined;
  /** Milliseconds of a clock that only goes forward. @default `performance.now` */
  readonly now?: (() => number) | undefined;
}

export class MemoryLog implements SessionLog {
  readonly durability = 'memory';
  readonly sessions: Map<string, SessionState>;
  readonly #sessions: Sessions;
  readonly #limits: LogLimits;
  readonly #now: () => number;
  readonly #deliveries = new Deliveries();
  readonly #reminders = new Reminders();
  readonly #claims = new Claims();

  constructor({ limits, now = () => performance.now() }: MemoryLogOptions = {}) {
    this.#limits = logLimits(limits);
    this.#now = now;
    this.#sessions = new Sessions(now);
    this.sessions = this.#sessions.all;
  }

  async ready(): Promise<void> {
    await this.#sessions.check();
  }

  async head(session: string): Promise<Head | null> {
    const state = this.#sessions.existing(session);
    return state ? headStep(state, this.#now()) : null;
  }

  async open(session: string, { limit }: OpenRequest): Promise<Opened | null> {
    const state = this.#sessions.existing(session);
    if (!state) return null;
    const context = this.#context(session);
    return openStep(state, headStep(state, context.now), limit, context);
  }

  async items(session: string, request: ItemsRequest): Promise<ItemsResult | null> {
    const state = this.#sessions.existing(session);
    return state ? itemsStep(state, request) : null;
  }

  async find(session: string, key: string): Promise<FoundItem | null> {
    const state = this.#sessions.existing(session);
    return state ? findStep(state, key) : null;
  }

  async checkpoint(session: string, command: CheckpointCommand): Promise<CheckpointOutcome> {
    const state = this.#sessions.existing(session);
    return state ? checkpointStep(state, command, this.#context(session)) : 'missing';
  }

  async seed(session: string, seed: SeedCommand): Promise<SeedOutcome> {
    return seedStep(this.#sessions.take(session), seed, this.#context(session));
  }

  async read(session: string, request: ReadRequest): Promise<ReadResult> {
    const state = this.#sessions.find(session);
    return state ? readStep(state, request) : { kind: 'missing' };
  }

  async send(session: string, command: SendCommand): Promise<SendOutcome> {
    return sendStep(this.#sessions.take(session), command, this.#context(session));
  }

  async command(session: string, command: string): Promise<KnownCommand | null> {
    const state = this.#sessions.existing(session);
    return state ? commandStep(state, command) : null;
  }

  async run(session: string, run: string): Promise<KnownRun | null> {
    const state = this.#sessions.find(session);
    return state ? runStep(state, run, this.#now()) : null;
  }

  async append(session: string, append: AppendCommand): Promise<AppendOutcome> {
    const state = this.#sessions.find(session);
    return state ? appendStep(state, append, this.#context(session)) : { kind: 'unknown' };
  }

  async renew(session: string, lease: LeaseCommand): Promise<LeaseOutcome> {
    const state = this.#sessions.find(session);
    return state ? renewStep(state, lease, this.#context(session)) : { kind: 'unknown' };
  }

  async cancel(session: string, { target, entry }: CancelCommand): Promise<CancelOutcome> {
    const state = 'run' in target ? this.#sessions.find(session) : this.#sessions.take(session);
    if (!state) return { state: 'missing' };
    const found = findCancelled(state, target, this.#now());
    if (typeof found === 'string') return { state: found };
    const made = await entry(found.run);
    // The run that a command started never changes, so a second step may rely on it.
    const now = this.#sessions.find(session);
    return now ? cancelStep(now, found.run, made, this.#context(session)) : { state: 'missing' };
  }

  async suspect(session: string, suspect: SuspectCommand): Promise<SuspectOutcome> {
    const state = this.#sessions.find(session);
    return state ? suspectStep(state, suspect, this.#context(session)) : { kind: 'alive' };
  }

  async reap(session: string, reap: ReapCommand): Promise<boolean> {
    const state = this.#sessions.find(session);
    return state ? reapStep(state, reap, this.#context(session)) : false;
  }

  async delete(session: string): Promise<boolean> {
    const state = this.#sessions.find(session);
    this.#claims.drop(session);
    this.#reminders.dropAll(session);
    if (state) state.files = newFiles();
    if (!state || !deleteStep(state, this.#context(session))) return false;
    erase(state);
    this.#deliveries.deliver(session, { kind: 'deleted' });
    return true;
  }

  async subscribe(session: string, listener: (delivery: Delivery) => void): Promise<Unsubscribe> {
    await this.#sessions.check();
    return this.#deliveries.subscribe(session, listener);
  }

  async signal(session: string, text: string): Promise<void> {
    await this.#sessions.check();
    this.#deliveries.deliver(session, { kind: 'signal', text });
  }

  async remind(topic: ReminderTopic, session: string, afterMs: number): Promise<Reminder> {
    await this.#sessions.check();
    return this.#reminders.set(topic, session, this.#now() + afterMs);
  }

  async due(topic: ReminderTopic, limit: number, claimMs: number): Promise<readonly Reminder[]> {
    await this.#sessions.check();
    const now = this.#now();
    return this.#reminders.take(topic, limit, now, now + claimMs);
  }

  async dismiss(reminder: Reminder): Promise<void> {
    await this.#sessions.check();
    this.#reminders.drop(reminder);
  }

  async claim(session: string, claim: ClaimCommand): Promise<ClaimOutcome> {
    await this.#sessions.check();
    return this.#claims.take(session, claim, this.#now());
  }

  async putPiece(
    session: string,
    upload: string,
    index: number,
    data: Uint8Array | Mark,
  ): Promise<PutOutcome> {
    const { files } = this.#sessions.take(session);
    return putPieceStep(files, { upload, index, data }, this.#context(session));
  }

  async piecesOf(session: string, upload: string): Promise<number> {
    const state = this.#sessions.find(session);
    return state ? piecesOfStep(state.files, upload) : 0;
  }

  async revisionOf(session: string, upload: string): Promise<string | null> {
    const state = this.#sessions.find(session);
    return state ? revisionOfStep(state.files, upload) : null;
  }

  async keepFile(
    session: string,
    upload: string,
    file: FileInfo,
    revision?: string,
  ): Promise<KeepOutcome> {
    const state = this.#sessions.find(session);
    return state ? keepFileStep(state.files, upload, file, revision) : 'incomplete';
  }

  async fileInfo(session: string, digest: string): Promise<FileInfo | null> {
    const state = this.#sessions.find(session);
    return state ? fileInfoStep(state.files, digest) : null;
  }

  async readPiece(session: string, source: PieceSource, index: number): Promise<Uint8Array | null> {
    const state = this.#sessions.find(session);
    return state ? readPieceStep(state.files, source, index) : null;
  }

  async places(session: string, change: PlacesChange): Promise<Places | null> {
    return placesStep(this.#sessions.take(session).files, change, this.#context(session));
  }

  async close(): Promise<void> {
    this.#claims.clear();
    this.#reminders.clear();
    this.#deliveries.clear();
    this.#sessions.close();
  }

  #context(session: string): StepContext {
    return {
      now: this.#now(),
      limits: this.#limits,
      mintEpoch: () => randomBytes(12).toString('base64url'),
      deliver: ({ id, prev, body }) => {
        const epoch = this.sessions.get(session)?.epoch ?? '';
        this.#deliveries.deliver(session, { kind: 'entry', epoch, prev, id, body });
      },
      tellGap: () => this.#deliveries.deliver(session, { kind: 'gap' }),
    };
  }
}

/**
 * A log in this process's memory: for development, tests and single-process servers. Its data go
 * with the process. Listeners are called in a microtask behind the write, in the log's order.
 */
export function createMemoryLog(options: MemoryLogOptions = {}): SessionLog {
  const memory = new MemoryLog(options);
  // Tests take away what it holds, and bring it back, as a failover does.
  return Object.assign(checked(memory, options.limits), { sessions: memory.sessions });
}
