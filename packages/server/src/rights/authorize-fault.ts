import { HoldfastError } from '@holdfast/protocol';

/**
 * Messages of functions that find their request by themselves (`cookies` and `headers` of Next.js, `auth` of Auth.js
 * and of Clerk) where there is none: in the upgrade of a socket, and outside of what Next.js has built.
 */
const outsideOfRequest =
  /outside a request scope|next-dynamic-api-wrong-context|next\/(headers|server)['"`.]?|auth\(\) was called but Clerk|only supported in App Router|Server Component module/i;

/** So many causes of causes are looked at. */
const maxDepth = 5;

function isOutsideOfRequest(error: unknown, depth = maxDepth): boolean {
  if (!(error instanceof Error) || depth === 0) return false;
  return outsideOfRequest.test(error.message) || isOutsideOfRequest(error.cause, depth - 1);
}

/** The fault of an `authorize` that threw, with the cure where the mistake is a usual one. */
export const authorizeFault = (action: string, cause: unknown): HoldfastError =>
  new HoldfastError(
    'internal',
    isOutsideOfRequest(cause)
      ? `unable to ${action}: \`authorize\` calls what works only while Next.js answers a request, such as \`cookies()\`, \`headers()\` or an \`auth()\` built on them, and a socket is no such request; take the cookie from the \`request\`, or the \`token\`, that \`authorize\` is given: docs/authentication.md has it for Auth.js, Clerk and others`
      : `unable to ${action}: authorization failed; try again`,
    { cause, retryMs: 1_000 },
  );
