import { checked } from '../../src/checked.ts';
import type { LogUnderTest } from '../../src/conformance/index.ts';
import type { LogLimits } from '../../src/contract/session-log.ts';
import { MemoryLog } from '../../src/memory/memory-log.ts';

/** A log in memory, and what tests do behind its back. */
export function memoryUnderTest(limits?: Partial<LogLimits>): LogUnderTest {
  const log = new MemoryLog({ limits });
  return {
    log: checked(log, limits),
    cleanup: () => log.close(),
    faults: {
      async snapshot(session) {
        const copy = structuredClone(log.sessions.get(session));
        return async () => {
          if (copy) log.sessions.set(session, structuredClone(copy));
        };
      },
      async trim(session, through) {
        const state = log.sessions.get(session);
        if (!state) return;
        const count = state.entries.findIndex(({ id }) => id === through) + 1;
        state.entries.splice(0, count);
        state.floor = through;
      },
      async lose() {
        log.sessions.clear();
      },
    },
  };
}
