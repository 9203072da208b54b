import { noteClose } from '../telemetry/metrics.ts';
import type { GatewaySocket, HeldSocket, Outgoing, SocketListener } from './socket.ts';

/** A host's socket under guard: what it throws is reported and nobody's else. */
export class GuardedSocket implements HeldSocket {
  readonly protocol: string;
  readonly #socket: GatewaySocket;
  readonly #report: (error: unknown) => void;

  constructor(socket: GatewaySocket, report: (error: unknown) => void) {
    this.#socket = socket;
    this.#report = report;
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

  shut(code: number, reason: string): void {
    noteClose(code);
    this.#guard(() => this.#socket.close(code, reason), undefined);
  }

  tell(listener: SocketListener): void {
    const socket = this.#socket;
    this.#guard(() => {
      socket.onClose(() => this.#guard(() => listener.gone(), undefined));
      socket.onDrain?.(() => this.#guard(() => listener.drained(), undefined));
      socket.onMessage((text) => this.#guard(() => listener.received(text), undefined));
    }, undefined);
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
