import { createHash, randomBytes } from 'node:crypto';
import { HoldfastError, type Position, seqOf } from '@holdfast/protocol';
import type { Cluster, Redis } from 'ioredis';
import {
  checkCheckpoint,
  checkClaim,
  checkEntry,
  checkItems,
  checkName,
  checkSend,
  checkSession,
  checkSignal,
} from '../check.ts';
import type { ClaimCommand, ClaimOutcome } from '../contract/claims.ts';
import type { Delivery, Unsubscribe } from '../contract/deliveries.ts';
import type { Head, NewEntry, ReadRequest, ReadResult } from '../contract/entries.ts';
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
  LeaseCommand,
  LeaseOutcome,
  ReapCommand,
  SendCommand,
  SendOutcome,
  SuspectCommand,
  SuspectOutcome,
} from '../contract/runs.ts';
import type { LogLimits, SessionLog } from '../contract/session-log.ts';
import {
  logLimits,
  markMs,
  maxClaims,
  maxMarks,
  openItems,
  pageBytes,
  pageEntries,
  reminderTopics,
  staleGraces,
} from '../limits.ts';
import { Channels } from './channels.ts';
import { codes } from './codes.ts';
import { type Connections, connect } from './connect.ts';
import { checkHealth, checkRights } from './health.ts';
import { Keys } from './keys.ts';
import { signalPrefix } from './message.ts';
import {
  isDue,
  outcomeOf,
  toAppendOutcome,
  toCheckpointOutcome,
  toClaimOutcome,
  toFound,
  toHead,
  toItems,
  toLeaseOutcome,
  toOpened,
  toReadResult,
  toReminders,
  toSendOutcome,
  toSuspectOutcome,
} from './replies.ts';
import { scripts } from './scripts.ts';
import { Writer } from './writer.ts';

export interface RedisLogOptions {
  /**
   * A URL, or an ioredis instance whose settings are taken over; for a cluster, of ioredis 5.6 or
   * later. An instance is copied: it is not used itself, and stays open when the log is closed.
   */
  readonly redis: string | Redis | Cluster;
  /** What every key and channel begins with. @default 'holdfast' */
  readonly prefix?: string | undefined;
  readonly limits?: Partial<LogLimits> | undefined;
  /** Told by `ready` what is risky about the server. @default a process warning */
  readonly onWarning?: ((message: string) => void) | undefined;
}

const warn = (message: string): void => process.emitWarning(message, { code: 'HOLDFAST_REDIS' });

class RedisLog implements SessionLog {
  readonly #connections: Connections;
  readonly #keys: Keys;
  readonly #limits: LogLimits;
  readonly #onWarning: (message: string) => void;
  readonly #writer: Writer;
  readonly #channels: Channels;

  constructor({ redis, prefix = 'holdfast', limits, onWarning = warn }: RedisLogOptions) {
    this.#limits = logLimits(limits);
    this.#onWarning = onWarning;
    this.#connections = connect(redis);
    this.#keys = new Keys(prefix, this.#connections.database);
    const { writer, where, bus } = this.#connections;
    this.#writer = new Writer(writer, where);
    this.#channels = new Channels(bus, where);
  }

  async ready(): Promise<void> {
    await checkHealth(this.#writer, this.#onWarning);
    const { publish } = this.#connections;
    await checkRights(this.#writer, this.#channels, this.#keys, publish);
  }

  async head(session: string): Promise<Head | null> {
    const { meta, leases } = this.#keys.of(session);
    return toHead(await this.#writer.run(scripts.head, [meta], [leases]));
  }

  async read(session: string, { after, limit }: ReadRequest): Promise<ReadResult> {
    const { meta, log } = this.#keys.of(session);
    const from = after ? positionArguments(after) : ['', 0, ''];
    const args = [...from, limit, pageBytes];
    return toReadResult(await this.#writer.run(scripts.read, [meta, log], args));
  }

  async open(session: string, { limit }: OpenRequest): Promise<Opened | null> {
    const { meta, log, items, ids, leases } = this.#keys.of(session);
    const { retentionMs } = this.#limits;
    const args = [leases, retentionMs, limit, openItems, pageEntries, pageBytes];
    const reply = await this.#writer.run(scripts.open, [meta, log, items], args);
    if (isDue(reply)) await this.#touch([meta, log, items, ids]);
    return toOpened(reply);
  }

  /** What refuses writes just now can still be read; the next one who opens the session touches it. */
  async #touch(keys: readonly string[]): Promise<void> {
    const touched = this.#writer.run(scripts.touch, keys, [this.#limits.retentionMs]);
    await touched.catch((error: unknown) => {
      if (!HoldfastError.is(error) || error.code !== 'unavailable') throw error;
    });
  }

  async items(session: string, { before, limit }: ItemsRequest): Promise<ItemsResult | null> {
    const { meta, items } = this.#keys.of(session);
    const args = [Math.max(0, before - limit), before - 1];
    return toItems(await this.#writer.run(scripts.items, [meta, items], args));
  }

  async find(session: string, key: string): Promise<FoundItem | null> {
    const { meta, ids } = this.#keys.of(session);
    return toFound(await this.#writer.run(scripts.find, [meta, ids], [digestOf(key)]));
  }

  async checkpoint(session: string, command: CheckpointCommand): Promise<CheckpointOutcome> {
    checkCheckpoint(command, this.#limits.entryBytes);
    checkItems(command.changes);
    const { meta, log, items, ids } = this.#keys.of(session);
    const { retentionMs, sessionBytes } = this.#limits;
    const { epoch, from, through, count, keep, trim, handed, state, changes } = command;
    const reply = await this.#writer.run(
      scripts.checkpoint,
      [meta, log, items, ids],
      [
        retentionMs,
        sessionBytes,
        epoch,
        from,
        through,
        count,
        keep,
        trim ?? '',
        handed ?? '',
        state === undefined ? '' : stateMark + state,
        ...changes.flatMap(({ at, key, body }) => [at, digestOf(key), body]),
      ],
    );
    return toCheckpointOutcome(reply);
  }

  async seed(
    session: string,
    { items: messages, entry, state = '' }: SeedCommand,
  ): Promise<SeedOutcome> {
    checkItems(messages);
    const { nonce, body, behind } = this.#checked(entry);
    const { meta, log, items, ids, channel } = this.#keys.of(session);
    const { retentionMs, sessionBytes, sessionEntries } = this.#limits;
    const reply = await this.#writer.run(
      scripts.seed,
      [meta, log, items, ids],
      [
        this.#connections.publish,
        channel,
        retentionMs,
        sessionBytes,
        sessionEntries,
        behind?.epoch ?? newEpoch(),
        nonce,
        body,
        messages.map(({ key }) => digestOf(key)).join(''),
        state,
        ...messages.map((message) => message.body),
      ],
    );
    return outcomeOf(codes.seed, reply).name;
  }

  async send(session: string, command: SendCommand): Promise<SendOutcome> {
    checkSend(command, this.#limits.entryBytes);
    const { meta, log, commands, ended, items, ids, channel, leases } = this.#keys.of(session);
    const { marks } = this.#keys.of(session);
    const { retentionMs, commandMs, sessionBytes, sessionEntries } = this.#limits;
    const { run, digest = '', expect, alone = false, during = '' } = command;
    const { held, hold = '' } = command;
    const behind = command.entries[0]?.behind;
    const lease = run ? [leases + run.run] : [];
    const keys = [meta, log, commands, ended, items, ids, marks, ...lease];
    const reply = await this.#writer.run(scripts.send, keys, [
      this.#connections.publish,
      channel,
      retentionMs,
      commandMs,
      sessionBytes,
      behind?.epoch ?? newEpoch(),
      command.command,
      ...(run
        ? [run.run, run.info, run.leaseMs, run.stopped.nonce, run.stopped.body]
        : ['', '', 0, 0, '']),
      sessionEntries,
      digest,
      ...(expect ? [expect.epoch, expect.id] : ['', '']),
      alone ? 1 : 0,
      during,
      held === undefined ? '' : Number(held),
      hold,
      behind?.id ?? '',
      run?.kept ?? '',
      ...command.entries.flatMap(({ nonce, body }) => [nonce, body]),
    ]);
    return toSendOutcome(reply);
  }

  async append(session: string, append: AppendCommand): Promise<AppendOutcome> {
    const { run, attempt, seq, entry, end } = append;
    checkEntry(entry, this.#limits.entryBytes);
    const { meta, log, ended, items, ids, channel, leases } = this.#keys.of(session);
    const { retentionMs, commandMs, sessionBytes, sessionEntries } = this.#limits;
    const reply = await this.#writer.run(
      scripts.append,
      [meta, log, ended, leases + run, items, ids],
      [
        this.#connections.publish,
        channel,
        retentionMs,
        commandMs,
        sessionBytes,
        run,
        attempt,
        seq,
        entry.nonce,
        entry.body,
        end?.outcome ?? '',
        sessionEntries,
        ...behindArguments(entry),
      ],
    );
    return toAppendOutcome(reply);
  }

  async renew(session: string, lease: LeaseCommand): Promise<LeaseOutcome> {
    const { run, attempt, leaseMs, holder = '', lapsed = false } = lease;
    const { meta, log, ended, items, ids, channel, leases } = this.#keys.of(session);
    const reply = await this.#writer.run(
      scripts.renew,
      [meta, log, ended, leases + run, items, ids],
      [
        this.#limits.retentionMs,
        run,
        attempt,
        leaseMs,
        holder,
        lapsed ? 1 : 0,
        this.#connections.publish,
        channel,
      ],
    );
    return toLeaseOutcome(reply);
  }

  async cancel(session: string, { target, entry }: CancelCommand): Promise<CancelOutcome> {
    const { meta, log, commands, marks, ended, items, ids, channel } = this.#keys.of(session);
    let run: string;
    if ('run' in target) run = target.run;
    else {
      checkName('command', target.command);
      // Which run a command started never changes, so a second step may rely on it.
      const found = await this.#writer.run(
        scripts.mark,
        [meta, commands, marks],
        [target.command, markMs, maxMarks],
      );
      const { name, rest } = outcomeOf(codes.mark, found);
      if (name === 'full') return { state: name };
      if (name !== 'found') return { state: name === 'marked' ? 'stopping' : 'finished' };
      run = String(rest[0]);
    }
    const made = this.#checked(await entry(run));
    const { nonce, body } = made;
    const reply = await this.#writer.run(
      scripts.cancel,
      [meta, log, ended, items, ids],
      [
        this.#connections.publish,
        channel,
        this.#limits.retentionMs,
        run,
        nonce,
        body,
        ...behindArguments(made),
      ],
    );
    const { name: state } = outcomeOf(codes.cancel, reply);
    return state === 'missing' ? { state } : { state, run };
  }

  async suspect(
    session: string,
    { run, attempt, graceMs }: SuspectCommand,
  ): Promise<SuspectOutcome> {
    const { meta, leases } = this.#keys.of(session);
    const args = [run, attempt, graceMs, staleGraces * graceMs];
    return toSuspectOutcome(await this.#writer.run(scripts.suspect, [meta, leases + run], args));
  }

  async reap(session: string, reap: ReapCommand): Promise<boolean> {
    const { run, attempt, graceMs = 0, outcome = 'lost', entry } = reap;
    const { nonce, body } = this.#checked(entry);
    const { meta, log, ended, items, ids, channel, leases } = this.#keys.of(session);
    const { retentionMs, commandMs } = this.#limits;
    const reply = await this.#writer.run(
      scripts.reap,
      [meta, log, ended, leases + run, items, ids],
      [
        this.#connections.publish,
        channel,
        retentionMs,
        commandMs,
        run,
        attempt,
        nonce,
        body,
        ...behindArguments(entry),
        graceMs,
        outcome,
      ],
    );
    return outcomeOf(codes.reap, reply).name === 'done';
  }

  async delete(session: string): Promise<boolean> {
    const { meta, log, commands, ended, items, ids, channel, leases } = this.#keys.of(session);
    const { marks, claims } = this.#keys.of(session);
    const reply = await this.#writer.run(
      scripts.delete,
      [meta, log, commands, ended, items, ids, marks, claims],
      [this.#connections.publish, channel, this.#limits.commandMs, leases],
    );
    // In other slots of a cluster, so apart from the rest; one that is left finds nothing.
    await Promise.all(
      reminderTopics.map((topic) =>
        this.#writer.ask('delete the session', (client) =>
          client.call('ZREM', [this.#keys.due(topic), session]),
        ),
      ),
    );
    return outcomeOf(codes.done, reply).name === 'done';
  }

  async subscribe(session: string, listener: (delivery: Delivery) => void): Promise<Unsubscribe> {
    return this.#channels.subscribe(this.#keys.of(session).channel, listener);
  }

  undelivered(session: string): void {
    this.#channels.renew(this.#keys.of(session).channel);
  }

  async signal(session: string, text: string): Promise<void> {
    checkSignal(text);
    const { channel } = this.#keys.of(session);
    await this.#writer.ask('signal', (client) =>
      client.call(this.#connections.publish, [channel, signalPrefix + text]),
    );
  }

  async remind(topic: ReminderTopic, session: string, afterMs: number): Promise<Reminder> {
    checkSession(session);
    const args = [session, afterMs];
    const token = await this.#writer.run(scripts.remind, [this.#keys.due(topic)], args);
    return { topic, session, token: String(token) };
  }

  async due(topic: ReminderTopic, limit: number, claimMs: number): Promise<readonly Reminder[]> {
    const reply = await this.#writer.run(scripts.due, [this.#keys.due(topic)], [limit, claimMs]);
    return toReminders(topic, reply);
  }

  async dismiss({ topic, session, token }: Reminder): Promise<void> {
    await this.#writer.run(scripts.dismiss, [this.#keys.due(topic)], [session, token]);
  }

  async claim(session: string, claim: ClaimCommand): Promise<ClaimOutcome> {
    checkClaim(claim);
    const { claims } = this.#keys.of(session);
    const args = [claim.name, claim.holder, claim.leaseMs, maxClaims];
    return toClaimOutcome(await this.#writer.run(scripts.claim, [claims], args));
  }

  async close(): Promise<void> {
    this.#writer.close();
    this.#channels.close();
  }

  #checked(entry: NewEntry): NewEntry {
    checkEntry(entry, this.#limits.entryBytes);
    return entry;
  }
}

/** Tells a state that is empty from none. */
const stateMark = '=';

const newEpoch = (): string => randomBytes(12).toString('base64url');

/** 48 bits in 8 characters: enough to find a message among those of one session. */
const digestOf = (key: string): string =>
  createHash('sha256').update(key).digest('base64url').slice(0, 8);

const behindArguments = ({ behind }: NewEntry): readonly string[] =>
  behind ? [behind.epoch, behind.id] : ['', ''];

const positionArguments = ({ epoch, id }: Position): readonly (string | number)[] => [
  epoch,
  seqOf(id),
  id,
];

/**
 * A log on Redis 7.0 or later, or Valkey, a cluster included. Connections are made at the first
 * use; `ready` makes one, tries every right that the user needs, and says what is wrong with the server. On a single server deliveries
 * come by Pub/Sub, on a cluster by sharded Pub/Sub.
 */
export const createRedisLog = (options: RedisLogOptions): SessionLog => new RedisLog(options);
