// Stands for the application's own sign-in.
import type { Authorize } from '@holdfast/server';

/** Lets in whoever has the cookie `user=ann`, or `ann` as token, and nobody else. */
export const authorize: Authorize = ({ request, token }) => {
  const cookie = request.headers.get('cookie') ?? '';
  return token === 'ann' || cookie.includes('user=ann') ? { id: 'ann' } : null;
};
