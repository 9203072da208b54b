import { closeCodes } from '@holdfast/protocol';
import { instruments } from '../telemetry/metrics.ts';
import type { GatewaySocket, Outgoing } from './socket.ts';

const nothing = (): void => {};

/**
 * A host's socket under guard: what it throws is reported and nobody's else, and one listener of its close is enough
 * for it, however many there are here.
 */
export class GuardedSocket implements GatewaySocket {
  readonly protocol: string;
  readonly #socket: GatewaySocket;
  readonly #report: (error: unknown) => void;
  readonly #onClose: (() => void)[] = [];
  #onDrain: () => void = nothing;
  #onMessage: (text: string | null) => void = nothing;

  constructor(socket: GatewaySocket, report: (error: unknown) => void) {
    this.#socket = socket;
    this.#report = report;
    this.#guard(() => {
      socket.onClose(() => {
        for (const listener of this.#onClose) this.#guard(listener, undefined);
      });
      socket.onDrain?.(() => this.#guard(this.#onDrain, undefined));
      socket.onMessage((text) => this.#guard(() => this.#onMessage(text), undefined));
    }, undefined);
    this.protocol = this.#guard(() => socket.protocol, '');
  }

  get bufferedAmount(): number {
    try {
      return this.#socket.bufferedAmount;
    } catch (error) {
      this.#report(error);
      return 0;
    }
  }

  send(text: Outgoing): void {
    try {
      this.#socket.send(text);
    } catch (error) {
      this.#report(error);
    }
  }

  close(code: number, reason: string): void {
    instruments()?.closes.add(1, { reason: nameOf(code) });
    this.#guard(() => this.#socket.close(code, reason), undefined);
  }

  onMessage(listener: (text: string | null) => void): void {
    this.#onMessage = listener;
  }

  onClose(listener: () => void): void {
    this.#onClose.push(listener);
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener;
  }

  #guard<T>(act: () => T, otherwise: T): T {
    try {
      return act();
    } catch (error) {
      this.#report(error);
      return otherwise;
    }
  }
}

/** Reasons that are sent may have words for one client; these are those of the protocol. */
const nameOf = (code: number): string =>
  Object.values(closeCodes).find((each) => each.code === code)?.name ?? 'other';
