/** A share in something that the process has once. */
export interface Shared<T> {
  readonly value: T;
  /** Gives the share back; the last one closes what was shared. Later calls do nothing. */
  release(): Promise<void>;
}

interface Slot {
  readonly value: unknown;
  shares: number;
}

/** On `globalThis`, because copies of this module do not see each other's variables. */
const registryKey = Symbol.for('holdfast.server.shared.1');

function registry(): Map<string, Slot> {
  const holder = globalThis as { [registryKey]?: Map<string, Slot> };
  holder[registryKey] ??= new Map();
  return holder[registryKey];
}

export function shareByKey<T>(
  key: string,
  make: () => T,
  close: (value: T) => Promise<void>,
): Shared<T> {
  const slots = registry();
  const slot = slots.get(key) ?? { value: make(), shares: 0 };
  slots.set(key, slot);
  slot.shares++;
  let held = true;
  return {
    value: slot.value as T,
    release: async () => {
      if (!held) return;
      held = false;
      if (--slot.shares > 0) return;
      slots.delete(key);
      await close(slot.value as T);
    },
  };
}
