import { type NextRequest, NextResponse } from 'next/server';

/** Gives each browser an id that nobody can guess, which lib/user.ts reads. Your sign-in takes its place. */
export function proxy(request: NextRequest): NextResponse {
  if (request.cookies.has('visitor')) return NextResponse.next();
  const id = crypto.randomUUID();
  // For what answers this request, too.
  request.cookies.set('visitor', id);
  const response = NextResponse.next({ request: { headers: request.headers } });
  response.cookies.set('visitor', id, {
    httpOnly: true,
    sameSite: 'lax',
    secure: request.nextUrl.protocol === 'https:',
    maxAge: 365 * 24 * 60 * 60,
  });
  return response;
}

export const config = { matcher: ['/', '/chat/:path*'] };
