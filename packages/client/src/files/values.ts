import type { FilePorts } from './contract.ts';
import { filePath } from './references.ts';

/** How often a value is asked for. */
const most = 5;

/** A value that is missing, and what is done with it. */
export interface Wanted {
  readonly digest: string;
  readonly put: (value: unknown) => void;
  /** It cannot be had. */
  readonly fail: (error: unknown) => void;
}

/** Fetches values of files. Never rejects. */
export type FetchValues = (session: string, wanted: readonly Wanted[]) => Promise<void>;

/**
 * A value that is being fetched is not asked for again: a subscription that was lost meanwhile does not begin to count
 * the tries anew (HF-CLI-8).
 */
export function createValues({ route }: Pick<FilePorts, 'route'>): FetchValues {
  const asked = new Map<string, Promise<unknown>>();

  async function ask(path: string, member?: string): Promise<unknown> {
    const known = asked.get(path);
    // Each place has a value of its own: the SDK writes into what it keeps.
    if (known !== undefined) return JSON.parse(JSON.stringify(await known)) as unknown;
    const value = route().repeat(path, member ? { most, member } : { most });
    asked.set(path, value);
    try {
      return await value;
    } finally {
      asked.delete(path);
    }
  }

  /** The first of them, as many as the server answers at once; none where it has not the first, or is an earlier one. */
  async function several(session: string, wanted: readonly Wanted[]): Promise<unknown[]> {
    if (wanted.length < 2) return [];
    try {
      const path = filePath(session, wanted.map(({ digest }) => digest).join());
      return ((await ask(path, 'values')) as { readonly values: unknown[] }).values;
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== 'not_found') throw error;
      return [];
    }
  }

  async function oneByOne(session: string, wanted: readonly Wanted[]): Promise<void> {
    for (const { digest, put, fail } of wanted)
      await ask(filePath(session, digest)).then(put).catch(fail);
  }

  return async (session, wanted) => {
    let left = wanted;
    try {
      while (left.length > 0) {
        const values = await several(session, left);
        if (values.length === 0) return await oneByOne(session, left);
        for (const [at, value] of values.entries()) left[at]?.put(value);
        left = left.slice(values.length);
      }
    } catch (error) {
      for (const { fail } of left) fail(error);
    }
  };
}
