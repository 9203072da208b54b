import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { listening } from './listening.ts';

/** What a proxy does with the body of one answer that is a stream of events. */
export type Fault =
  | 'pass'
  /** Holds everything back until the server has ended. */
  | 'buffer'
  /** Ends it cleanly, or breaks it off, behind so many bytes. */
  | { readonly end: number }
  | { readonly cut: number };

export interface HttpProxy {
  /** Where it is: for the option `api`. */
  readonly api: string;
  /** The queries of the streams that were asked for. */
  readonly streams: readonly URLSearchParams[];
  /** Ends the streams that are open, cleanly or not, as a function does that has become too old. */
  age(how?: 'end' | 'cut'): void;
}

/** A proxy in front of a route that passes requests on, and does something to streams. Upgrades are refused. */
export async function httpProxy(
  api: string,
  faultOf: (at: number) => Fault = () => 'pass',
): Promise<HttpProxy> {
  const { origin } = new URL(api);
  const streams: URLSearchParams[] = [];
  const open = new Set<ServerResponse>();
  const proxy = createServer((incoming, outgoing) => {
    const { method, headers, url = '' } = incoming;
    const isStream = /\/events\?/.test(url);
    const fault = isStream ? faultOf(streams.length) : 'pass';
    if (isStream) streams.push(new URL(url, origin).searchParams);
    const passed = request(`${origin}${url}`, { method, headers }, (answer) => {
      if (isStream) open.add(outgoing);
      outgoing.on('close', () => {
        open.delete(outgoing);
        passed.destroy();
      });
      if (fault !== 'buffer') outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      pass(answer, outgoing, fault);
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  proxy.on('upgrade', (_, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
  onTestFinished(() => proxy.closeAllConnections());
  return {
    api: `${await listening(proxy)}/api/chat`,
    streams,
    age: (how = 'end') => {
      for (const each of [...open]) how === 'end' ? each.end() : each.destroy();
    },
  };
}

function pass(answer: IncomingMessage, outgoing: ServerResponse, fault: Fault): void {
  if (fault === 'pass') return void answer.pipe(outgoing);
  const held: Buffer[] = [];
  let left = fault === 'buffer' ? Number.POSITIVE_INFINITY : 'end' in fault ? fault.end : fault.cut;
  answer.on('data', (data: Buffer) => {
    if (fault === 'buffer') held.push(data);
    if (fault === 'buffer' || outgoing.writableEnded) return;
    outgoing.write(data.subarray(0, Math.max(0, left)));
    left -= data.length;
    if (left > 0) return;
    if ('end' in fault) outgoing.end();
    else outgoing.write('', () => outgoing.destroy());
  });
  answer.on('end', () => {
    if (fault === 'buffer') outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    outgoing.end(Buffer.concat(held));
  });
  answer.on('error', () => outgoing.destroy());
}
