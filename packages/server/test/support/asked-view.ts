import type { SessionLog } from '@holdfast/log';
import { SessionView } from '../../src/session/view.ts';
import { changed } from './logs.ts';
import { limits, session } from './viewed.ts';

/** A log, with what is asked of it since the last look. */
export function askedLog(inner: SessionLog): {
  readonly log: SessionLog;
  readonly asked: () => readonly string[];
} {
  const asked: string[] = [];
  const ask = <T>(what: string, answer: Promise<T>): Promise<T> => {
    asked.push(what);
    return answer;
  };
  const log = changed(inner, {
    open: (...given) => ask('open', inner.open(...given)),
    read: (...given) => ask('read', inner.read(...given)),
    find: (...given) => ask('find', inner.find(...given)),
    items: (...given) => ask('items', inner.items(...given)),
  });
  return { log, asked: () => asked.splice(0) };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The log, whose answers come a turn of the event loop later, as those of a store do. */
export const slow = (log: SessionLog): SessionLog =>
  changed(log, {
    open: (...given) => turn().then(() => log.open(...given)),
    read: (...given) => turn().then(() => log.read(...given)),
    find: (...given) => turn().then(() => log.find(...given)),
    items: (...given) => turn().then(() => log.items(...given)),
  });

/** A view, with what it asks of its log, and the entries that it passes over. */
export function askedView(inner: SessionLog): {
  readonly view: SessionView;
  readonly skipped: readonly string[];
  readonly asked: () => readonly string[];
} {
  const skipped: string[] = [];
  const { log, asked } = askedLog(inner);
  const view = new SessionView(session, log, limits, { onSkipped: (id) => skipped.push(id) });
  return { view, skipped, asked };
}
