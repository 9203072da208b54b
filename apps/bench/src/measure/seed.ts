import type { Context } from './context.ts';

/** Makes a session that has so many messages. */
export async function seedSession(
  { origin }: Pick<Context, 'origin'>,
  id: string,
  count: number,
): Promise<void> {
  const response = await fetch(`${origin}/seed`, {
    method: 'POST',
    body: JSON.stringify({ id, count }),
  });
  if (!response.ok) throw new Error(`the session was not seeded: ${await response.text()}`);
}
