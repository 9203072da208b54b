import type { IncomingMessage } from 'node:http';

/** A Node request's headers as the fetch API has them; a header that came twice stays twice. */
export function headersOf(incoming: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct))
    for (const value of values ?? []) headers.append(name, value);
  return headers;
}
