import type { SessionLog } from '@holdfast/log';
import { expect } from 'vitest';
import { SessionView } from '../../src/session/view.ts';
import { userMessage } from './server.ts';

export const session = 's';
export const limits = { pageMessages: 3, openMessages: 4 };

export const body = (entry: object): string => JSON.stringify({ at: 0, ...entry });
export const message = (id: string): string => body({ k: 'message', message: userMessage(id, id) });

let nonce = 0;
export const write = async (log: SessionLog, ...bodies: readonly string[]): Promise<void> => {
  for (const each of bodies) {
    nonce++;
    await log.send(session, { command: `c${nonce}`, entries: [{ nonce, body: each }] });
  }
};
export const names = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => `m${at}`);
export const topOf = async (log: SessionLog): Promise<string> =>
  (await log.head(session))?.top ?? '';
export const shownBy = async (
  view: SessionView,
  begin = 0,
  end: number = view.end,
): Promise<string[]> => (await view.messages(begin, end)).map(({ message: { id } }) => id);

export async function store(log: SessionLog): Promise<void> {
  const view = new SessionView(session, log, limits);
  await view.readOn();
  const draft = await view.draft();
  if (!draft) throw new Error('there is nothing to store');
  expect(await log.checkpoint(session, { ...draft.command, trim: null })).toBe('done');
}
