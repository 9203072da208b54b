import { warnOnce } from './warnings.ts';

/** What comes from outside is told no longer than this. */
const mostCharacters = 100;

const shown = (text: string | null): string =>
  JSON.stringify((text ?? '').slice(0, mostCharacters));

/**
 * Whether a request with this `Origin` may act (HF-CONN-2): absent, the host that was asked for, or
 * listed; compared exactly, so that neither `null` nor a name that merely begins alike passes. One that may
 * not is told of once, since a browser tells its page nothing.
 */
export function isOriginAllowed(headers: Headers, allowed: readonly string[]): boolean {
  const origin = headers.get('origin');
  if (origin === null) return true;
  if (allowed.includes(origin)) return true;
  const host = headers.get('host');
  if (host !== null && (origin === `http://${host}` || origin === `https://${host}`)) return true;
  warnOnce({
    code: 'HOLDFAST_ORIGIN',
    about: origin.slice(0, mostCharacters),
    words: `a page of the origin ${shown(origin)} was refused: it is not the host that was asked for (${shown(host)}), nor is it listed. If the page is yours, give createHoldfast \`origins: [${shown(origin)}]\`, or have the proxy in front pass the header \`Host\` on (docs/troubleshooting.md)`,
  });
  return false;
}
