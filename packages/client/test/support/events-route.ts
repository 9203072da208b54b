import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listening } from './listening.ts';

/** A route whose streams a test answers by hand. */
export async function scripted(
  answer: (url: URL, response: ServerResponse, at: number) => void,
): Promise<{ readonly api: string }> {
  let asked = 0;
  const http = createServer((request: IncomingMessage, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    if (url.pathname.endsWith('/events')) answer(url, response, asked++);
    else response.writeHead(204).end();
  });
  return { api: `${await listening(http)}/api/chat` };
}

export const event = (frame: Record<string, unknown>, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(frame)}\n\n`;

/** The beginning of a stream of an empty session. */
export function begin(url: URL, response: ServerResponse): void {
  const s = url.pathname.split('/').at(-2);
  const r = Number(url.searchParams.get('r'));
  const isReplay = url.searchParams.has('pos');
  const mode = isReplay ? 'replay' : 'snapshot';
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(event({ t: 'welcome', v: 1, conn: 'c', heartbeatMs: 25_000 }));
  response.write(event({ t: 'subbed', r, s, epoch: 'E1', top: '1-1', mode, recovered: true }));
  const snap = { t: 'snap', s, epoch: 'E1', through: '1-1', items: [], runs: [], more: false };
  if (!isReplay) response.write(event(snap, 'E1:1-1'));
  response.write(event({ t: 'live', s, i: '1-1' }, 'E1:1-1'));
}
