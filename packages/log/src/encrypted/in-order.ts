import type { Delivery, Unsubscribe } from '../contract/deliveries.ts';

/** Deliveries that wait to be decrypted. More are let go, and a gap sends the reader to the log. */
const waitingLimit = 1_024;

type Listener = (delivery: Delivery) => void;

/**
 * Hands deliveries on in the order in which they came, although each takes its own time to open. What
 * `open` makes null of is left out.
 */
export function inOrder(
  open: (delivery: Delivery) => Promise<Delivery | null>,
  listener: Listener,
): { readonly receive: Listener; readonly stop: Unsubscribe } {
  let state: 'whole' | 'missed' | 'stopped' = 'whole';
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();
  const handOn = async (opening: Promise<Delivery | null>): Promise<void> => {
    const opened = await opening;
    waiting -= 1;
    if (opened && state !== 'stopped') listener(opened);
    if (state !== 'missed') return;
    state = 'whole';
    listener({ kind: 'gap' });
  };
  return {
    receive: (delivery) => {
      if (state === 'stopped') return;
      if (waiting === waitingLimit) {
        state = 'missed';
        return;
      }
      waiting += 1;
      const opening = open(delivery);
      last = last.then(() => handOn(opening));
    },
    stop: () => {
      state = 'stopped';
    },
  };
}
