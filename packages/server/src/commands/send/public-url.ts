/** Names that mean something else on every network, or nothing in public. */
const localNames =
  /(^|\.)(localhost|localdomain|local|internal|intranet|private|corp|home|lan|home\.arpa|test|invalid)$/;
/** As the URL parser leaves it: every way to write an IPv4 address comes out as four numbers. */
const address = /^\[|^\d+(\.\d+){3}$/;

/** Characters that the URL parser passes over in silence. */
const hidden = /[\s\p{Cc}\\]/u;

/**
 * True when models and clients anywhere may be given the address of a file: `https`, without credentials, on a
 * host whose name could be a public one. What the name resolves to is not looked up.
 */
export function isPublicUrl(text: string): boolean {
  const url = !hidden.test(text) && URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') return false;
  const host = url.hostname.replace(/\.+$/, '');
  return host.includes('.') && !address.test(host) && !localNames.test(host);
}
