/** 128 random bits as 22 URL-safe letters. In this demo, knowing the id is the right to use it. */
export function newSessionId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** How many letters an id has, so that nobody finds it by trying. */
export const idLength = { least: 20, most: 128 } as const;

const form = new RegExp(`^[A-Za-z0-9_-]{${idLength.least},${idLength.most}}$`);

export const isUnguessable = (id: string): boolean => form.test(id);
