import { expect, test } from 'vitest';
import { socketUrl } from '../../src/connection/socket.ts';

const page = 'https://app.example/chats/7?x=/y#z';
test.each([
  ['/holdfast', '/api/chat', 'wss://app.example/holdfast'],
  ['/holdfast', 'http://localhost:3000/api/chat', 'ws://localhost:3000/holdfast'],
  ['https://gate.example/holdfast', '/api/chat', 'wss://gate.example/holdfast'],
  ['ws://gate.example/holdfast/?a=1', 'https://api.example', 'ws://gate.example/holdfast/?a=1'],
  ['HTTP://gate.example', '/api/chat', 'ws://gate.example'],
  ['//gate.example/holdfast', '/api/chat', 'wss://gate.example/holdfast'],
  ['//gate.example/holdfast', 'http://api.example', 'ws://gate.example/holdfast'],
  ['holdfast', 'https://api.example', 'wss://api.example/holdfast'],
])('the url %s with the api %s is %s, as the web has it', (url, api, expected) => {
  expect(socketUrl(url, api, page)).toBe(expected);
  const base = /^http/.test(api) ? api : page;
  const standard = new URL(url, base).href.replace(/^http/, 'ws');
  expect(standard.replace(/\/$/, '')).toBe(expected.replace(/\/$/, ''));
});

test('a path without a slash is one of the host, wherever the page is', () => {
  for (const api of ['/api/chat', 'https://app.example/v1/chat'])
    expect(socketUrl('holdfast', api, page)).toBe('wss://app.example/holdfast');
});

test.each(['', 'about:blank', 'file:///app/index.html'])(
  'without a host there is an error in words: %s',
  (href) => {
    expect(() => socketUrl('/holdfast', '/api/chat', href)).toThrow(/has no host; pass/);
  },
);
