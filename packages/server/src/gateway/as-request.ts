import type { Server } from 'node:http';
import type { Upgrade } from './upgrade.ts';

/**
 * Gives an upgrade that nobody asked for back to its server, as the ordinary request that it also is
 * (RFC 9110, section 7.8: a server may ignore `Upgrade`). Node has let go of the connection by then, so
 * the request is put back in front of what follows it, without the headers that offered the upgrade.
 */
export function asRequest(server: Server, [incoming, socket, head]: Upgrade): boolean {
  const { method = 'GET', url = '/', httpVersion, rawHeaders } = incoming;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at);
    if (!/^(?:upgrade|http2-settings)$/i.test(name))
      lines.push(`${name}: ${hopOptions(name, value)}`);
  }
  // Node reads header bytes as Latin-1.
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  const isEncrypted = (socket as { readonly encrypted?: boolean }).encrypted === true;
  const isTaken = server.emit(isEncrypted ? 'secureConnection' : 'connection', socket);
  socket.resume();
  return isTaken;
}

/** `Connection` names the headers that belong to this hop, of which two are gone. */
const hopOptions = (name: string, value: string): string =>
  name.toLowerCase() === 'connection'
    ? value
        .split(',')
        .filter((option) => !/^\s*(?:upgrade|http2-settings)\s*$/i.test(option))
        .join(',')
    : value;
