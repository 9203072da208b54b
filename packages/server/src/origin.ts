/**
 * Whether a request with this `Origin` may act (HF-CONN-2): absent, the host that was asked for, or
 * listed; compared exactly, so that neither `null` nor a name that merely begins alike passes.
 */
export function isOriginAllowed(headers: Headers, allowed: readonly string[]): boolean {
  const origin = headers.get('origin');
  if (origin === null) return true;
  if (allowed.includes(origin)) return true;
  const host = headers.get('host');
  return host !== null && (origin === `http://${host}` || origin === `https://${host}`);
}
