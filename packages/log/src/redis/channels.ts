import { HoldfastError } from '@holdfast/protocol';
import type { Delivery, Unsubscribe } from '../contract/deliveries.ts';
import type { Bus, BusEvents } from './bus.ts';
import { toFault } from './faults.ts';
import { parseMessage } from './message.ts';
import { commandTimeoutMs } from './settings.ts';

type Listener = (delivery: Delivery) => void;

interface Member {
  readonly listener: Listener;
  /** Set until the subscription stands. */
  settle: ((error?: HoldfastError) => void) | null;
}

/**
 *   out ──► joining ──► in ──► leaving ──► out
 *
 * A step begins only when none is under way, so a subscribe that overtakes an unsubscribe, or the
 * other way round, ends where the members want it. A lost connection puts every channel to `out`.
 */
interface Channel {
  readonly name: string;
  /** A list, for they are few: mostly one, the feed of this process. */
  members: readonly Member[];
  standing: 'out' | 'joining' | 'in' | 'leaving';
}

const act = 'subscribe to the session';

/** Keeps one subscription per channel, however many listeners it has. */
export class Channels implements BusEvents {
  readonly #channels = new Map<string, Channel>();
  readonly #bus: Bus;
  readonly #where: string;
  #state: 'open' | 'closed' = 'open';

  constructor(makeBus: (events: BusEvents) => Bus, where: string) {
    this.#bus = makeBus(this);
    this.#where = where;
  }

  async subscribe(name: string, listener: Listener): Promise<Unsubscribe> {
    if (this.#state === 'closed')
      throw new HoldfastError('unavailable', 'unable to use the log: it was closed');
    this.#bus.connect();
    const channel: Channel = this.#channels.get(name) ?? {
      name,
      members: [],
      standing: 'out',
    };
    this.#channels.set(name, channel);
    const member: Member = { listener, settle: null };
    channel.members = channel.members.concat(member);
    const unsubscribe = (): void => {
      channel.members = channel.members.filter((each) => each !== member);
      this.#pump(channel);
    };
    if (channel.standing === 'in') return unsubscribe;
    const standing = this.#stands(member);
    this.#pump(channel);
    try {
      await standing;
    } catch (error) {
      unsubscribe();
      throw error;
    }
    return unsubscribe;
  }

  /**
   * Begins anew with another connection, where the subscription to the channel stands and yet delivers nothing:
   * the server that has it may be one that was demoted, or cut off (HF-LOG-34).
   */
  renew(name: string): void {
    if (this.#channels.get(name)?.standing === 'in' && this.#bus.connected) this.#bus.restart();
  }

  close(): void {
    this.#state = 'closed';
    this.#bus.close();
    this.down(new HoldfastError('unavailable', 'unable to use the log: it was closed'));
    this.#channels.clear();
  }

  up(): void {
    for (const channel of [...this.#channels.values()]) this.#pump(channel);
  }

  down(error: unknown): void {
    const fault = toFault(act, this.#where, error);
    for (const channel of [...this.#channels.values()]) {
      channel.standing = 'out';
      for (const member of channel.members) member.settle?.(fault);
      this.#pump(channel);
    }
  }

  renewed(): void {
    for (const channel of this.#channels.values()) this.#deliver(channel, { kind: 'gap' });
  }

  message(name: string, text: string): void {
    const channel = this.#channels.get(name);
    const delivery = channel && parseMessage(text);
    if (delivery) this.#deliver(channel, delivery);
  }

  #deliver(channel: Channel, delivery: Delivery): void {
    for (const member of channel.members)
      if (channel.members.includes(member)) member.listener(delivery);
  }

  #stands(member: Member): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => member.settle?.(toFault(act, this.#where, new Error('no answer in time'))),
        commandTimeoutMs,
      );
      member.settle = (error) => {
        clearTimeout(timer);
        member.settle = null;
        if (error) reject(error);
        else resolve();
      };
    });
  }

  /** Takes the channel one step towards what its members want. */
  #pump(channel: Channel): void {
    const { name, members, standing } = channel;
    if (this.#state === 'closed') return;
    if (standing === 'joining' || standing === 'leaving') return;
    if (members.length > 0 && standing === 'out' && this.#bus.connected)
      this.#step(channel, 'joining');
    if (members.length > 0) return;
    if (standing === 'in') this.#step(channel, 'leaving');
    else if (this.#channels.get(name) === channel) this.#channels.delete(name);
  }

  #step(channel: Channel, step: 'joining' | 'leaving'): void {
    const { name } = channel;
    channel.standing = step;
    const command = step === 'joining' ? this.#bus.join(name) : this.#bus.leave(name);
    command.then(
      () => {
        if (channel.standing !== step) return;
        channel.standing = step === 'joining' ? 'in' : 'out';
        if (step === 'joining') this.#stand(channel);
        this.#pump(channel);
      },
      (error) => {
        // The connection was lost, and with it what this step was about.
        if (channel.standing !== step) return;
        const fault = toFault(act, this.#where, error);
        for (const member of channel.members) member.settle?.(fault);
        channel.standing = 'out';
        // The server may or may not have taken the step: begin anew with a connection that answers.
        if (fault.code === 'unavailable' && this.#state === 'open') this.#bus.restart();
        // Members that stay get their deliveries again with the next connection.
        else if (channel.members.length === 0) this.#pump(channel);
      },
    );
  }

  /** Tells who waited that it stands, and who was there before that there was a gap. */
  #stand(channel: Channel): void {
    for (const member of channel.members) {
      if (member.settle) member.settle();
      else if (channel.members.includes(member)) member.listener({ kind: 'gap' });
    }
  }
}
