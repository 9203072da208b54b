/**
 * Erases a chat for everybody: from the log, and from every page that shows it. Null when it is done, else why it is
 * not, in words.
 */
export async function erase(fetch: typeof globalThis.fetch, id: string): Promise<string | null> {
  try {
    // It is sent although the page goes away.
    const response = await fetch(`/api/chat/${id}`, { method: 'DELETE', keepalive: true });
    if (response.ok) return null;
    const body = (await response.json().catch(() => null)) as {
      readonly error?: { readonly message?: unknown };
    } | null;
    const words = body?.error?.message;
    return typeof words === 'string' ? words : `the server answered ${response.status}.`;
  } catch {
    return 'the server could not be reached.';
  }
}
