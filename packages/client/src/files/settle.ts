import type { FilePorts, Held } from './contract.ts';
import { failed } from './failed.ts';
import { visitPlaces } from './places.ts';
import { digestOfUrl, filePath, referencesIn } from './references.ts';
import type { ShownData } from './shown-data.ts';
import { textsIn } from './texts.ts';
import type { FetchValues, Wanted } from './values.ts';

/** So many requests are under way at the same time. */
const lanes = 4;
/** So few values are asked for one by one: a browser keeps each, whatever others come with it the next time. */
const few = 16;
/** Of more, so many go together, or bytes of them: what a slow network brings in time. */
const together = 64;
const bytesTogether = 1_048_576;

/** Of which session something came. */
interface Settling {
  readonly session: string;
  readonly query: string | undefined;
  readonly data: ShownData;
  readonly fetchValues: FetchValues;
  readonly held?: Held | undefined;
}

/** Puts into what came what its references stand for (HF-FILE-2, HF-FILE-3). Never rejects. */
export async function settle<T extends object>(
  { route, report }: Pick<FilePorts, 'report' | 'route'>,
  { data, fetchValues, session, query, held }: Settling,
  came: T,
): Promise<T> {
  const wanted: (Wanted & { readonly bytes: number })[] = [];
  const texts = textsIn(held?.());

  function addressOf(digest: string): string {
    const address = route().urlOf(filePath(session, digest));
    return query ? `${address}${address.includes('?') ? '&' : '?'}${query}` : address;
  }

  visitPlaces(came, (found, replace) => {
    const digest = digestOfUrl(found.url);
    if (digest) found.url = data.urlOf(session, digest) ?? addressOf(digest);
    for (const [name, { $holdfast: digest, bytes, sum }] of referencesIn(found)) {
      if (sum !== undefined && texts.takes(found, name, sum)) continue;
      wanted.push({
        digest,
        bytes,
        put: (value) => {
          found[name] = value;
        },
        fail: (error) => {
          report(error);
          replace(failed(found, name, wordsOf(error)));
        },
      });
    }
  });
  const next = grouped(wanted).values();
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (const group of next) await fetchValues(session, group);
    }),
  );
  return came;
}

/** Groups of those that are asked for at once. */
function grouped<T extends { readonly bytes: number }>(wanted: readonly T[]): T[][] {
  const most = wanted.length > few ? together : 1;
  const groups: T[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const each of wanted) {
    const last = groups.at(-1);
    bytes += each.bytes;
    if (last && last.length < most && bytes <= bytesTogether) last.push(each);
    else {
      groups.push([each]);
      bytes = each.bytes;
    }
  }
  return groups;
}

const wordsOf = (error: unknown): string =>
  `unable to load this part, reload the page to try again: ${error instanceof Error ? error.message : String(error)}`;
