import { loadedOnce } from '../loaded-once.ts';
import type { FilePorts, FileWork } from './contract.ts';

/** A reference to a file, or to a value that is kept as one, in a text of JSON. */
export const refers = (text: string): boolean => /"holdfast:file\/|"\$holdfast"/.test(text);

/** What a client has to send ahead, or to name by its reference: data, and addresses that were made of references. */
export const isLiftable = (text: string): boolean => /"url":"(data:|[^"]*\/files\/)/.test(text);

/** Loads the work when it is first needed. Where that fails nothing is held up: servers take data as it is, too. */
export function createFiles(ports: FilePorts): FileWork {
  const load = loadedOnce(
    async () => (await import('./file-work.ts')).createFileWork(ports),
    'load code for files: reload the page',
    ports.report,
  );
  return {
    settle: async (session, came, held) => (await load())?.settle(session, came, held) ?? came,
    lift: async (session, content, ask) => (await load())?.lift(session, content, ask) ?? content,
  };
}
