import type { FilePorts, Held } from './contract.ts';
import { failed } from './failed.ts';
import { visitPlaces } from './places.ts';
import { digestOfUrl, filePath, referencesIn } from './references.ts';
import type { ShownData } from './shown-data.ts';
import { textsIn } from './texts.ts';
import type { FetchValue } from './values.ts';

/** So many values are asked for at the same time. */
const lanes = 4;

/** Of which session something came. */
interface Settling {
  readonly session: string;
  readonly query: string | undefined;
  readonly data: ShownData;
  readonly fetchValue: FetchValue;
  readonly held?: Held | undefined;
}

/** Puts into what came what its references stand for (HF-FILE-2, HF-FILE-3). Never rejects. */
export async function settle<T extends object>(
  { route, report }: Pick<FilePorts, 'report' | 'route'>,
  { data, fetchValue, session, query, held }: Settling,
  came: T,
): Promise<T> {
  const jobs: (() => Promise<void>)[] = [];
  const texts = textsIn(held?.());

  function addressOf(digest: string): string {
    const address = route().urlOf(filePath(session, digest));
    return query ? `${address}${address.includes('?') ? '&' : '?'}${query}` : address;
  }

  visitPlaces(came, (found, replace) => {
    const digest = digestOfUrl(found.url);
    if (digest) found.url = data.urlOf(session, digest) ?? addressOf(digest);
    for (const [name, { $holdfast, sum }] of referencesIn(found)) {
      if (sum !== undefined && texts.takes(found, name, sum)) continue;
      jobs.push(async () => {
        try {
          found[name] = await fetchValue(session, $holdfast);
        } catch (error) {
          report(error);
          replace(failed(found, name, wordsOf(error)));
        }
      });
    }
  });
  const next = jobs.values();
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (const job of next) await job();
    }),
  );
  return came;
}

const wordsOf = (error: unknown): string =>
  `unable to load this part, reload the page to try again: ${error instanceof Error ? error.message : String(error)}`;
