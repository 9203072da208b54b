/** Where another device finds this page: what the server says; else the page's own origin, where that is no name for this computer only. */
export function originForOthers(shared: string | null): string | null {
  const { hostname, origin } = window.location;
  const isLocal = /^(localhost|127\.|\[::1\])/.test(hostname);
  return isLocal ? shared : origin;
}
