import type { Core } from '../core.ts';
import { type Filling, ofPage, referring, shownAt, wholeOf } from '../files/filled.ts';
import { bad } from './body.ts';

/** By it a stock client says that it cannot load files from the route, as one cannot that is on another origin. */
const header = 'holdfast-files';

/** True when the request's client gets files as data. Throws `bad_request`. */
export function wantsData(request: Request): boolean {
  const wish = request.headers.get(header) ?? 'urls';
  if (wish !== 'urls' && wish !== 'data')
    throw bad(`the header \`${header}\` must be urls or data`);
  return wish === 'data';
}

/** Who is shown files, and under which request. */
interface Shown {
  readonly request: Request;
  readonly session: string;
  readonly participant: string;
}

/** Segments that its path has behind the route: none of a send, two of a stream. No id or mount is taken for one. */
type Below = 0 | 1 | 2;

/**
 * How a stock client is shown files: under URLs of the route that it has asked, which any `<img>` can load, or, where
 * it says so, as data (HF-FILE-14).
 */
export function stockFilling(
  core: Core,
  { request, session, participant }: Shown,
  below: Below,
): Filling {
  const whole = wholeOf(core.fileTexts, session);
  if (wantsData(request)) return whole;
  const { pathname } = new URL(request.url);
  const route = pathname.split('/').slice(0, below === 0 ? undefined : -below);
  return shownAt(whole, route.join('/'), core.fileLinks.query(session, participant));
}

/** The same for a page of history, in which a client of ours gets references. */
export const pageFilling = (core: Core, shown: Shown): Filling =>
  wantsReferences(shown.request)
    ? referring({ texts: core.fileTexts, session: shown.session })
    : ofPage(stockFilling(core, shown, 1));

/** True for a client of ours, which puts its own route in front of files and fetches values itself. */
function wantsReferences(request: Request): boolean {
  const wish = new URL(request.url).searchParams.get('files');
  if (wish !== null && wish !== 'references') throw bad('`files` must be references');
  return wish !== null;
}
