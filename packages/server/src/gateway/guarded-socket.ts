import { closeCodes } from '@holdfast/protocol';
import { instruments } from '../telemetry/metrics.ts';
import type { GatewaySocket } from './socket.ts';

/**
 * A host's socket under guard: what it throws is reported and nobody's else, and one listener of each
 * kind is enough for it, however many there are here.
 */
export function guardedSocket(
  socket: GatewaySocket,
  report: (error: unknown) => void,
): GatewaySocket {
  const guard = <T>(act: () => T, otherwise: T): T => {
    try {
      return act();
    } catch (error) {
      report(error);
      return otherwise;
    }
  };
  const onClose: (() => void)[] = [];
  const onDrain: (() => void)[] = [];
  const onMessage: ((text: string | null) => void)[] = [];
  guard(() => {
    socket.onClose(() => {
      for (const listener of onClose) guard(listener, undefined);
    });
    socket.onDrain?.(() => {
      for (const listener of onDrain) guard(listener, undefined);
    });
    socket.onMessage((text) => {
      for (const listener of onMessage) guard(() => listener(text), undefined);
    });
  }, undefined);
  return {
    protocol: guard(() => socket.protocol, ''),
    get bufferedAmount() {
      return guard(() => socket.bufferedAmount, 0);
    },
    send: (text) => guard(() => socket.send(text), undefined),
    close: (code, reason) => {
      instruments()?.closes.add(1, { reason: nameOf(code) });
      guard(() => socket.close(code, reason), undefined);
    },
    onMessage: (listener) => {
      onMessage.push(listener);
    },
    onClose: (listener) => {
      onClose.push(listener);
    },
    onDrain: (listener) => {
      onDrain.push(listener);
    },
  };
}

/** Reasons that are sent may have words for one client; these are those of the protocol. */
const nameOf = (code: number): string =>
  Object.values(closeCodes).find((each) => each.code === code)?.name ?? 'other';
