import { expect, it } from 'vitest';
import { peerOf, withPeer } from '../../src/edge/peer.ts';
import { KeptRequest, requestOf } from '../../src/gateway/kept-request.ts';

const address = 'https://chat.example:8443/holdfast?a=1&b=%0A';

function opened(): Request {
  const headers = new Headers({
    host: 'chat.example:8443',
    cookie: 'session=a=b; theme=dark',
    'sec-websocket-protocol': 'holdfast.v1',
    'x-empty': '',
    'x-latin': 'Zo\u00eb',
  });
  headers.append('x-twice', 'one, two');
  headers.append('x-twice', 'three');
  return new Request(address, { headers });
}

it('the request that opened a socket is what it was, each time that it is asked for', () => {
  const request = withPeer(opened(), '10.0.0.7');
  const kept = new KeptRequest(request);
  for (const again of [requestOf(kept), requestOf(kept)]) {
    expect(again.url).toBe(address);
    expect(again.method).toBe('GET');
    expect([...again.headers]).toEqual([...request.headers]);
    expect(again.headers.get('x-twice')).toBe('one, two, three');
    expect(peerOf(again)).toBe('10.0.0.7');
  }
});

it('what only the handshake was about is not kept', () => {
  const request = opened();
  request.headers.set('upgrade', 'websocket');
  const told = [...request.headers];
  request.headers.set('sec-websocket-key', 'dGhlIHNhbXBsZSBub25jZQ==');
  request.headers.set('sec-websocket-version', '13');
  request.headers.set('sec-websocket-extensions', 'permessage-deflate; client_max_window_bits');
  expect([...requestOf(new KeptRequest(request)).headers]).toEqual(told);
});

it('nothing is said of a peer that the host did not tell', () => {
  expect(peerOf(requestOf(new KeptRequest(opened())))).toBeUndefined();
  expect(peerOf(requestOf(new KeptRequest(withPeer(opened(), ''))))).toBe('');
});

it('a request without headers has none', () => {
  expect([...requestOf(new KeptRequest(new Request(address))).headers]).toEqual([]);
});

it('that of a host is handed on as it is: it may have more to it', () => {
  const request = opened();
  expect(requestOf(request)).toBe(request);
});
