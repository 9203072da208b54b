import type { Cable } from './cable.ts';
import type { Records } from './records.ts';

/** An event that is longer is passed on, and not shown. */
const mostEvent = 262_144;

const pathOf = (url: string): string => url.replace(/^\w+:\/\/[^/]*/, '').replace(/\?.*/, '');

/** Requests that are recorded, and that a cut of the cable breaks off, their bodies too. */
export function tappedFetch(
  real: () => typeof globalThis.fetch,
  records: Records,
  cable: Cable,
): typeof globalThis.fetch {
  return async (input, init) => {
    const { signal } = cable;
    const own = init?.signal;
    const url = typeof input === 'string' || input instanceof URL ? String(input) : input.url;
    const name = `${init?.method ?? 'GET'} ${pathOf(url)}`;
    try {
      const response = await real()(input, {
        ...init,
        signal: own ? AbortSignal.any([own, signal]) : signal,
      });
      records.request(`${name} ${response.status}`);
      return isEvents(response) ? readEvents(response, records) : response;
    } catch (error) {
      records.request(`${name} ${own?.aborted ? 'given up' : 'failed'}`);
      // What a browser without a network says.
      if (signal.aborted && !own?.aborted) throw new TypeError('Failed to fetch');
      throw error;
    }
  };
}

const isEvents = ({ headers, body }: Response): boolean =>
  body !== null && (headers.get('content-type') ?? '').startsWith('text/event-stream');

/** The same answer; each of its events that is a frame is recorded as it passes. */
function readEvents(response: Response, records: Records): Response {
  const decoder = new TextDecoder();
  let rest = '';
  const tap = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, controller) {
      controller.enqueue(bytes);
      const events = (rest + decoder.decode(bytes, { stream: true })).split('\n\n');
      rest = events.pop() ?? '';
      if (rest.length > mostEvent) rest = '';
      for (const event of events) {
        const data = event
          .split('\n')
          .filter((line) => line.startsWith('data:'))
          .map((line) => line.slice(5).trimStart())
          .join('\n');
        if (data !== '') records.frame('down', data);
      }
    },
  });
  return new Response(response.body?.pipeThrough(tap), response);
}
