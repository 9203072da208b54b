import { HoldfastError, type Limits } from '@holdfast/protocol';
import type { Environment } from '../environment.ts';
import { Rate } from './rate.ts';

/** Acts that are limited by a rate. */
export type Paced = 'send' | 'read' | 'session' | 'upload';
/** Things that last, limited by their number. */
export type Lasting = 'connection' | 'run';

export type QuotaLimits = Pick<
  Limits,
  | 'sendsPerMinute'
  | 'readsPerMinute'
  | 'sessionsPerHour'
  | 'hourlyUploadBytes'
  | 'participantConnections'
  | 'participantRuns'
>;

/** The used part of a participant's share. */
interface Used {
  readonly rates: Map<Paced, Rate>;
  readonly counts: Map<Lasting, number>;
}

const minute = 60;
const hour = 3_600;

const pace = (
  limits: QuotaLimits,
  what: Paced,
): { readonly most: number; readonly seconds: number; readonly words: string } =>
  ({
    send: { most: limits.sendsPerMinute, seconds: minute, words: 'sends a minute' },
    read: { most: limits.readsPerMinute, seconds: minute, words: 'reads a minute' },
    session: { most: limits.sessionsPerHour, seconds: hour, words: 'new sessions an hour' },
    upload: { most: limits.hourlyUploadBytes, seconds: hour, words: 'bytes of files an hour' },
  })[what];

const span = (
  limits: QuotaLimits,
  what: Lasting,
): { readonly most: number; readonly words: string } =>
  ({
    connection: { most: limits.participantConnections, words: 'sockets and streams at a time' },
    run: { most: limits.participantRuns, words: 'answers at a time; wait for one or stop it' },
  })[what];

/** Participants who are remembered; beyond that, those who have used nothing lately are forgotten. */
const remembered = 10_000;

/**
 * The share of one participant in this process (HF-QUOTA-1). Each process counts for itself: a deployment of n
 * grants up to n times as much, which still bounds what one of them has to bear.
 */
export class Quotas {
  readonly #limits: QuotaLimits;
  readonly #environment: Pick<Environment, 'now'>;
  readonly #used = new Map<string, Used>();
  /** Where there are so many, some may be forgotten: looking for them again at each new one would cost all of them. */
  #most = remembered;

  constructor(limits: QuotaLimits, environment: Pick<Environment, 'now'>) {
    this.#limits = limits;
    this.#environment = environment;
  }

  /** Participants who are remembered. */
  get size(): number {
    return this.#used.size;
  }

  /** Takes one, or so many. Throws `rate`, with the time after which there is room again. */
  take(participant: string, what: Paced, count = 1): void {
    const { most, seconds, words } = pace(this.#limits, what);
    const now = this.#environment.now();
    const { rates } = this.#of(participant, now);
    const rate = rates.get(what) ?? new Rate(most / seconds, most, now);
    rates.set(what, rate);
    if (rate.take(now, count)) return;
    throw new HoldfastError(
      'rate',
      `unable to go on: one participant has ${most} ${words}; wait, and try again`,
      { retryMs: rate.waitMs(now, count) },
    );
  }

  /** True when there is room for one more. */
  hasRoom(participant: string, what: Lasting): boolean {
    return (this.#used.get(participant)?.counts.get(what) ?? 0) < span(this.#limits, what).most;
  }

  /** Throws `limit` where there is none. */
  checkRoom(participant: string, what: Lasting): void {
    if (!this.hasRoom(participant, what)) throw this.refusal(what);
  }

  /** Counts one until it leaves, which it does once; also beyond the limit, see `hasRoom`. */
  enter(participant: string, what: Lasting): void {
    const { counts } = this.#of(participant, this.#environment.now());
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }

  /** Counts one until the function that it gives is called, which may be more than once. */
  hold(participant: string, what: Lasting): () => void {
    this.enter(participant, what);
    let isIn = true;
    return () => {
      if (isIn) this.leave(participant, what);
      isIn = false;
    };
  }

  leave(participant: string, what: Lasting): void {
    const counts = this.#used.get(participant)?.counts;
    const left = (counts?.get(what) ?? 0) - 1;
    if (left > 0) counts?.set(what, left);
    else counts?.delete(what);
  }

  /** The refusal where there is no room for one more. */
  refusal(what: Lasting): HoldfastError {
    const { most, words } = span(this.#limits, what);
    return new HoldfastError('limit', `unable to go on: one participant may have ${most} ${words}`);
  }

  #of(participant: string, now: number): Used {
    const known = this.#used.get(participant);
    if (known) return known;
    if (this.#used.size >= this.#most) this.#forget(now);
    const used: Used = { rates: new Map(), counts: new Map() };
    this.#used.set(participant, used);
    return used;
  }

  /** Drops participants who have all of their share again: they are as good as unknown. */
  #forget(now: number): void {
    for (const [participant, { rates, counts }] of this.#used)
      if (counts.size === 0 && [...rates.values()].every((rate) => rate.isFull(now)))
        this.#used.delete(participant);
    this.#most = Math.max(remembered, 2 * this.#used.size);
  }
}
