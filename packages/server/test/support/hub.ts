import type { SessionLog } from '@holdfast/log';
import { defaultLimits, type Limits } from '@holdfast/protocol';
import { onTestFinished } from 'vitest';
import { createCore } from '../../src/compose.ts';
import type { Core } from '../../src/core.ts';
import { userMessage } from './server.ts';

export const session = 's';
export const names = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => `m${at}`);

let nonce = 0;
const send = (log: SessionLog, entry: object) => {
  nonce++;
  const body = JSON.stringify({ at: 0, ...entry });
  return log.send(session, { command: `c${nonce}`, entries: [{ nonce, body }] });
};
export const write = async (log: SessionLog, ...ids: readonly string[]): Promise<void> => {
  for (const id of ids) await send(log, { k: 'message', message: userMessage(id, id) });
};

export function processOn(
  log: SessionLog,
  limits: Partial<Limits> = {},
): Core & { readonly errors: unknown[] } {
  const errors: unknown[] = [];
  const core = createCore({
    log,
    authorize: () => ({ id: 'u' }),
    limits: { ...defaultLimits, lingerMs: 0, ...limits },
    onError: (error) => errors.push(error),
  });
  onTestFinished(() => core.close());
  return { ...core, errors };
}
