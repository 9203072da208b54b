/** A file that this page has sent, as the page shows it. */
interface Shown {
  readonly session: string;
  readonly digest: string;
  readonly url: string;
  /** Whether a message may name the file without sending it: once, because the session may have been deleted since. */
  isSure: boolean;
}

/** So many characters of data URLs are remembered, oldest forgotten first. The page has them in its messages, too. */
const remembered = 33_554_432;

/** Data URLs of the page whose files the server has: what comes of them is shown by the same URL, and loaded by nobody. */
export interface ShownData {
  /** The data URL of a file; undefined where this page has not sent it. */
  urlOf(session: string, digest: string): string | undefined;
  /** The digest of a data URL, where the server has its file; of `isNew` the server may say otherwise. */
  digestOf(session: string, url: string, isNew: boolean): string | undefined;
  add(session: string, digest: string, url: string): void;
}

export function createShownData(): ShownData {
  const all = new Map<string, Shown>();
  return {
    urlOf: (session, digest) => all.get(`${session}/${digest}`)?.url,
    digestOf: (session, url, isNew) => {
      for (const each of all.values()) {
        if (each.session !== session || each.url !== url) continue;
        if (!isNew) return each.digest;
        const { isSure } = each;
        each.isSure = false;
        return isSure ? each.digest : undefined;
      }
      return undefined;
    },
    add: (session, digest, url) => {
      const key = `${session}/${digest}`;
      all.delete(key);
      all.set(key, { session, digest, url, isSure: true });
      let size = 0;
      for (const each of all.values()) size += each.url.length;
      for (const [oldest, each] of all) {
        if (size <= remembered) break;
        size -= each.url.length;
        all.delete(oldest);
      }
    },
  };
}
