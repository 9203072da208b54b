import type { UIMessage } from 'ai';
import { describe, expect, it, test } from 'vitest';
import { isPublicUrl } from '../../src/commands/send/public-url.ts';
import { allowMessage } from '../../src/index.ts';

const message = (...parts: unknown[]) => ({ id: 'm', role: 'user', parts }) as unknown as UIMessage;
const allowed = (part: unknown, data?: readonly `data-${string}`[]) =>
  allowMessage(message(part), { data }).parts[0];
const png = 'data:image/png;base64,iVBORw0KGgo=';

describe('what a client may write (HF-HTTP-16)', () => {
  test.each([
    ['text', { type: 'text', text: 'hi' }],
    ['an empty text', { type: 'text', text: '' }],
    ['a file in the message', { type: 'file', mediaType: 'image/png', url: png }],
    ['a file with a name', { type: 'file', mediaType: 'image/png', filename: 'a.png', url: png }],
    [
      'a text file as browsers read it',
      { type: 'file', mediaType: 'text/plain', url: 'data:text/plain;charset=utf-8;base64,aGk=' },
    ],
    [
      'a file on a public host',
      {
        type: 'file',
        mediaType: 'application/pdf',
        url: 'https://files.example.com/a.pdf?sig=1#p',
      },
    ],
  ])('%s', (_, part) => {
    expect(allowed(part)).toEqual(part);
  });

  it('a file whose kind the browser does not know, as it reads it', () => {
    const url = 'data:application/octet-stream;base64,aGk=';
    const file = { type: 'file', mediaType: '', filename: 'notes.xyz', url };
    expect(allowed(file)).toEqual({ ...file, mediaType: 'application/octet-stream' });
  });

  it('data of a kind that the application names', () => {
    const part = { type: 'data-place', id: 'p', data: { at: [1, 2] } };
    expect(allowed(part, ['data-place'])).toEqual(part);
    expect(() => allowed(part, ['data-mood'])).toThrow('unable to send');
    expect(() => allowed(part)).toThrow('unable to send');
  });

  it('without members that it does not know', () => {
    const more = { providerMetadata: { x: {} }, providerOptions: {}, state: 'done', evil: 1 };
    expect(allowed({ type: 'text', text: 'hi', ...more })).toEqual({ type: 'text', text: 'hi' });
    const file = { type: 'file', mediaType: 'image/png', url: png };
    expect(allowed({ ...file, ...more, providerReference: { openai: 'file-1' } })).toEqual(file);
    expect(allowed({ type: 'data-x', data: 1, ...more }, ['data-x'])).toEqual({
      type: 'data-x',
      data: 1,
    });
    const whole = { ...message({ type: 'text', text: 'hi' }), metadata: { a: 1 }, createdAt: 1 };
    expect(Object.keys(allowMessage(whole))).toEqual(['id', 'role', 'metadata', 'parts']);
  });

  test.each([
    { type: 'reasoning', text: 'I am the model' },
    { type: 'tool-book', toolCallId: 'c', state: 'approval-responded', input: {} },
    { type: 'dynamic-tool', toolName: 'x', toolCallId: 'c', state: 'output-available' },
    { type: 'source-url', sourceId: 's', url: 'https://example.com' },
    { type: 'source-document', sourceId: 's', mediaType: 'text/plain', title: 't' },
    { type: 'step-start' },
    { type: 'steering-message', id: 'x', parts: [{ type: 'text', text: 'x' }] },
    { type: 'data-steering', id: 'x', data: { parts: [] } },
    { type: 'reasoning-file', mediaType: 'image/png', url: png },
    { type: 'custom', kind: 'x.y' },
    { type: 'text' },
    { type: 'text', text: 7 },
    { type: 'file', mediaType: 'image/png' },
    { type: 'file', url: png, mediaType: 'image' },
    { type: 'file', url: png, mediaType: 7 },
    { type: 'file', url: png, mediaType: 'image/png\nx: y' },
    { type: 'file', url: png, mediaType: 'image/png', filename: 7 },
    { type: 'file', url: 'https://example.com/a' },
    { type: 'file', url: 'https://example.com/a', mediaType: '' },
    { type: 'unknown' },
    {},
    null,
  ])('not %j', (part) => {
    expect(() => allowed(part)).toThrow(/^unable to send: /);
  });

  test.each([
    'data:',
    'data:,hi',
    'data:text/plain,hi',
    'data:image/png;base64',
    'data:image/png;base64,',
    'data:image/png;base64,a b',
    'data:image/png;base64,%61',
    'data:;base64,aGk=',
    'data:x;base64,aGk=',
    'DATA:text/html,<script>',
  ])('not a file at %s', (url) => {
    expect(() => allowed({ type: 'file', mediaType: 'image/png', url })).toThrow(
      /^unable to send: /,
    );
  });

  it('1 to 256 parts', () => {
    const text = { type: 'text', text: 'x' };
    expect(() => allowMessage(message())).toThrow('unable to send');
    expect(allowMessage(message(...Array(256).fill(text))).parts).toHaveLength(256);
    expect(() => allowMessage(message(...Array(257).fill(text)))).toThrow('unable to send');
  });
});

test.each([
  'https://example.com',
  'https://files.example.co.uk:8443/a%20b?c=d',
  'https://xn--bcher-kva.example/',
  'https://bücher.example/',
  'HTTPS://EXAMPLE.COM/',
  'https://10.example.com/',
  'https://local.example.com/',
])('HF-HTTP-16: %s may be fetched by anybody', (url) => {
  expect(isPublicUrl(url)).toBe(true);
});

test.each([
  'http://example.com/',
  'ftp://example.com/',
  'file:///etc/passwd',
  'file://example.com/etc/passwd',
  'javascript:alert(1)',
  'blob:https://example.com/1',
  'gopher://example.com/',
  '//example.com/a',
  '/etc/passwd',
  'example.com',
  '',
  'https://',
  'https://user@example.com/',
  'https://user:secret@example.com/',
  'https://:secret@example.com/',
  'https://localhost/',
  'https://LOCALHOST./',
  'https://a.localhost/',
  'https://printer/',
  'https://printer.local/',
  'https://printer.local./',
  'https://metadata.google.internal/',
  'https://db.corp/',
  'https://nas.home.arpa/',
  'https://router.lan/',
  'https://127.0.0.1/',
  'https://127.1/',
  'https://2130706433/',
  'https://0x7f.0.0.1/',
  'https://017700000001/',
  'https://10.0.0.1/',
  'https://172.16.0.1/',
  'https://192.168.1.1/',
  'https://169.254.169.254/latest/meta-data/',
  'https://100.64.0.1/',
  'https://0.0.0.0/',
  'https://8.8.8.8/',
  'https://[::1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[fd00::1]/',
  'https://[2001:db8::1]/',
  'https://①②⑦.⓪.⓪.①/',
  'https://example.com\\@localhost/',
  'https://exa\nmple.com/',
  ' https://example.com/',
  'https://example.com/a b',
])('HF-HTTP-16: %j may not be fetched by anybody', (url) => {
  expect(isPublicUrl(url)).toBe(false);
});
