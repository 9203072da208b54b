import { randomBytes } from 'node:crypto';
import { type NextRequest, NextResponse } from 'next/server';
import { newSessionId } from './lib/session-id.ts';
import { visitorCookie } from './lib/visitor.ts';

const dev = process.env.NODE_ENV !== 'production';

/** Where the page may connect to, besides its own origin: a gateway that runs apart. */
const gateway = (): string => {
  const url = process.env.HOLDFAST_URL ?? '';
  return URL.canParse(url) ? new URL(url).origin.replace(/^http/, 'ws') : '';
};

/**
 * Gives every browser a name, and is the second line behind safe rendering: no script runs but the app's own, and nothing is loaded
 * from or sent to another host.
 */
export function proxy(request: NextRequest): NextResponse {
  const nonce = randomBytes(16).toString('base64');
  const policy = [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ''}`,
    // React writes style attributes on the server.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    `connect-src 'self' ${gateway()}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
  const visitor = request.cookies.get(visitorCookie)?.value ?? newSessionId();
  request.cookies.set(visitorCookie, visitor);
  const headers = new Headers(request.headers);
  headers.set('x-nonce', nonce);
  // Next takes the nonce for its own scripts from here.
  headers.set('content-security-policy', policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('content-security-policy', policy);
  const year = 31_536_000;
  response.cookies.set(visitorCookie, visitor, { httpOnly: true, sameSite: 'lax', maxAge: year });
  response.headers.set('referrer-policy', 'same-origin');
  response.headers.set('x-content-type-options', 'nosniff');
  return response;
}

/** Pages only. */
export const config = { matcher: '/((?!api/|_next/|favicon).*)' };
