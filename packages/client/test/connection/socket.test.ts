import { expect, test } from 'vitest';
import { socketUrl } from '../../src/connection/socket.ts';

const page = 'https://app.example/chats/7?x=/y#z';
test.each([
  ['/holdfast', '/api/chat', 'wss://app.example/holdfast'],
  ['/holdfast', 'http://localhost:3000/api/chat', 'ws://localhost:3000/holdfast'],
  ['https://gate.example/holdfast', '/api/chat', 'wss://gate.example/holdfast'],
  ['ws://gate.example/holdfast/?a=1', 'https://api.example', 'ws://gate.example/holdfast/?a=1'],
  ['HTTPS://gate.example', '/api/chat', 'wss://gate.example'],
  ['//gate.example/holdfast', '/api/chat', 'wss://gate.example/holdfast'],
  ['holdfast', '/api/chat', 'wss://app.example/chats/holdfast'],
  ['holdfast', 'https://api.example/v1/chat', 'wss://api.example/v1/holdfast'],
  ['holdfast', 'https://api.example', 'wss://api.example/holdfast'],
])('the url %s with the api %s is %s, as every URL class has it', (url, api, expected) => {
  expect(socketUrl(url, api, page)).toBe(expected);
  const base = /^http/.test(api) ? api : page;
  const standard = new URL(url, base).href.replace(/^http/, 'ws');
  expect(standard.replace(/\/$/, '')).toBe(expected.replace(/\/$/, ''));
});

test.each(['', 'about:blank', 'file:///app/index.html'])(
  'without a host there is an error in words: %s',
  (href) => {
    expect(() => socketUrl('/holdfast', '/api/chat', href)).toThrow(/has no host; pass/);
  },
);
