import { warnOnce } from './warnings.ts';

/** The longest quote of what comes from outside. */
const mostCharacters = 100;

const shown = (text: string | null): string =>
  JSON.stringify((text ?? '').slice(0, mostCharacters));

/**
 * True when a request with this `Origin` may act (HF-CONN-2): absent, the host that was asked for, or
 * listed; compared exactly, so that neither `null` nor a name that merely begins alike passes. One that may
 * not is told of once, since a browser tells its page nothing.
 */
export function isOriginAllowed(headers: Headers, allowed: readonly string[]): boolean {
  const origin = headers.get('origin');
  if (origin === null) return true;
  const host = headers.get('host');
  if (host !== null && (origin === `http://${host}` || origin === `https://${host}`)) return true;
  if (isOtherOriginAllowed(headers, allowed)) return true;
  warnOnce({
    code: 'HOLDFAST_ORIGIN',
    about: origin.slice(0, mostCharacters),
    words: `a page of the origin ${shown(origin)} was refused: it is not the host that was asked for (${shown(host)}), nor is it listed. If the page is yours, give createHoldfast \`origins: [${shown(origin)}]\`, or have the proxy in front pass the header \`Host\` on (docs/troubleshooting.md)`,
  });
  return false;
}

/** True when `Origin` is allowed though it is another one than the host: it is listed, or development's. */
export function isOtherOriginAllowed(headers: Headers, allowed: readonly string[]): boolean {
  const origin = headers.get('origin');
  return origin !== null && (allowed.includes(origin) || isNextDoor(origin, headers.get('host')));
}

const loopbackOrigin = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

/**
 * In development the pages, the route and the gateway often have a port each (HF-HTTP-3). Nobody but the
 * developer serves pages from there: both names are the machine's own, and the same.
 */
function isNextDoor(origin: string, host: string | null): boolean {
  const [, name] = loopbackOrigin.exec(origin) ?? [];
  return (
    process.env.NODE_ENV === 'development' &&
    name !== undefined &&
    host?.replace(/:\d+$/, '') === name
  );
}
