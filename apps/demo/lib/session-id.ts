/** 128 random bits as 22 URL-safe letters. In this demo, knowing the id is the right to use it. */
export function newSessionId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** Whether an id is long enough that nobody finds it by trying. */
export const isUnguessable = (id: string): boolean => /^[A-Za-z0-9_-]{20,128}$/.test(id);
