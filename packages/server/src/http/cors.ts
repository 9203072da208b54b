import { isOtherOriginAllowed } from '../origin.ts';

/** Headers that a page of another origin may read besides the body: when to ask again, and the SDK's mark of a stream. */
const exposed = 'retry-after, x-vercel-ai-ui-message-stream';

/** Headers that are sent by a client without options of its own. */
const usual = 'authorization, content-type';

/** How long a browser need not ask again, in seconds. */
const maxAgeS = 600;

const listOfNames = /^[\w!#$%&'*+.^`|~-]+(?:\s*,\s*[\w!#$%&'*+.^`|~-]+){0,63}$/;

/**
 * Lets the pages of listed origins read an answer, with cookies and without (HF-HTTP-2): never `*`, and
 * nothing for an origin that is not listed. `methods` are those of the path, for a preflight.
 */
export function allowOrigin(
  response: Response,
  request: Request,
  origins: readonly string[],
  methods?: readonly string[],
): Response {
  const { headers } = response;
  if (origins.length > 0) headers.append('vary', 'origin');
  const origin = request.headers.get('origin');
  if (origin === null || !isOtherOriginAllowed(request.headers, origins)) return response;
  headers.set('access-control-allow-origin', origin);
  headers.set('access-control-allow-credentials', 'true');
  headers.set('access-control-expose-headers', exposed);
  if (methods === undefined || !request.headers.has('access-control-request-method'))
    return response;
  const asked = request.headers.get('access-control-request-headers') ?? '';
  headers.append('vary', 'access-control-request-headers');
  headers.set('access-control-allow-methods', methods.join(', '));
  // A page that may act with the visitor's cookies may name the headers of its own requests.
  headers.set('access-control-allow-headers', listOfNames.test(asked) ? asked : usual);
  headers.set('access-control-max-age', String(maxAgeS));
  return response;
}
