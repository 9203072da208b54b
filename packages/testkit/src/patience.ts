// A setup file of vitest: `vi.waitFor` waits as long as a busy machine may take, not for a second.
import { vi } from 'vitest';

const patienceMs = 20_000;

const { waitFor } = vi;
vi.waitFor = (act, options) =>
  waitFor(act, typeof options === 'number' ? options : { timeout: patienceMs, ...options });
