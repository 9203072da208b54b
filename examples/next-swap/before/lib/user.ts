/** Who is signed in: the application's own. */
export async function userOf({ request }: { request: Request }): Promise<{ id: string } | null> {
  const id = /user=(\w+)/.exec(request.headers.get('cookie') ?? '')?.[1];
  return id ? { id } : null;
}
