import type { FilePorts } from './contract.ts';
import { filePath } from './references.ts';

/** How often a value is asked for. */
const most = 5;

/** Fetches the value of a file. Rejects once it cannot be had. */
export type FetchValue = (session: string, digest: string) => Promise<unknown>;

/**
 * A value that is being fetched is not asked for again: a subscription that was lost meanwhile does not begin to count
 * the tries anew (HF-CLI-8).
 */
export function createValues({ route }: Pick<FilePorts, 'route'>): FetchValue {
  const asked = new Map<string, Promise<unknown>>();
  return async (session, digest) => {
    const path = filePath(session, digest);
    const known = asked.get(path);
    // Each place has a value of its own: the SDK writes into what it keeps.
    if (known !== undefined) return JSON.parse(JSON.stringify(await known)) as unknown;
    const value = route().repeat(path, { most });
    asked.set(path, value);
    try {
      return await value;
    } finally {
      asked.delete(path);
    }
  };
}
