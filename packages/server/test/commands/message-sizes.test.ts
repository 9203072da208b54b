import type { Message } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../src/commands/send/command.ts';
import { checkFileSizes, checkMessageSize } from '../../src/commands/send/message-size.ts';

const by = { id: 'ann', role: 'user' } as const;
const messageOf = (...parts: readonly object[]): Message =>
  ({ id: 'm', role: 'user', parts }) as unknown as Message;
const text = (length: number) => ({ type: 'text', text: 'x'.repeat(length) });
const file = (bytes: number, more: object = {}) => ({
  ...{ type: 'file', mediaType: 'image/png' },
  url: `data:image/png;base64,${Buffer.alloc(bytes, 7).toString('base64')}`,
  ...more,
});

const refusalOf = (act: () => void): string | null => {
  try {
    act();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
};
const checked = (entryBytes: number, ...parts: readonly object[]) =>
  refusalOf(() => checkMessageSize(messageOf(...parts), by, { entryBytes }));
/** Bytes of the entry that such a message makes. */
const bytesOf = (...parts: readonly object[]): number => {
  const entry = { k: 'message', message: messageOf(...parts), by, at: Number.MAX_SAFE_INTEGER };
  return Buffer.byteLength(JSON.stringify(entry));
};

describe('HF-HTTP-12: the files of a message', () => {
  it('are as large as what is in them, whatever they are written as', () => {
    for (let bytes = 1; bytes <= 7; bytes++) {
      const sent = messageOf(text(100), file(bytes));
      expect(refusalOf(() => checkFileSizes(sent, { fileBytes: bytes }))).toBeNull();
      expect(refusalOf(() => checkFileSizes(sent, { fileBytes: bytes - 1 }))).not.toBeNull();
    }
  });

  it('are as large as they are written where that is no base64', () => {
    for (const url of ['https://files.example/a.png', 'data:text/plain,abc'])
      for (const part of [file(1, { url }), { type: 'data-x', data: url }]) {
        const fileBytes = JSON.stringify(part).length;
        expect(refusalOf(() => checkFileSizes(messageOf(part), { fileBytes }))).toBeNull();
        const less = { fileBytes: fileBytes - 1 };
        expect(refusalOf(() => checkFileSizes(messageOf(part), less))).not.toBeNull();
      }
  });

  it('are named by 80 characters of their names at most', () => {
    const named = (filename: string) =>
      refusalOf(() => checkFileSizes(messageOf(file(2_000, { filename })), { fileBytes: 1_024 }));
    expect(named('n'.repeat(80))).toContain(
      `the file ${'n'.repeat(80)} is 2 KB; the limit is 1 KB`,
    );
    expect(named('n'.repeat(81))).toContain(`the file ${'n'.repeat(80)} is`);
    expect(named('')).toContain('the file of the type image/png is');
  });
});

describe('HF-HTTP-12: a message', () => {
  it('may have as many bytes as its entry, and not one more', () => {
    const parts = [text(10_000), text(20)];
    expect(checked(bytesOf(...parts), ...parts)).toBeNull();
    expect(checked(bytesOf(...parts) - 1, ...parts)).toContain('the text is 10 KB');
  });

  it('is refused by its largest part where that has 4 KiB or more of room, and else as a whole', () => {
    const parts = [text(3_000), text(10_000)];
    const room = (bytes: number) => bytesOf(...parts) - JSON.stringify(parts[1]).length + bytes;
    expect(checked(room(4_096), ...parts)).toBe(
      'unable to send: the text is 10 KB; the limit is 3 KB',
    );
    expect(checked(room(4_095), ...parts)).toMatch(
      /^unable to send: the message is 13 KB, with its files as text; the limit is 7 KB\. Send it in/,
    );
    expect(checked(10)).toMatch(/^unable to send: the message is 1 KB/);
  });

  it('is refused by the first of its largest parts, and told how large that may be as it was', () => {
    const [one, other] = [file(9_000, { filename: 'a.png' }), file(9_000, { filename: 'b.png' })];
    expect(checked(bytesOf(one, other) - 1, one, other)).toBe(
      'unable to send: the file a.png is 9 KB; the limit is 8 KB',
    );
    const larger = file(12_000, { filename: 'c.png' });
    expect(checked(bytesOf(one, larger) - 1_000, one, larger)).toMatch(/the file c\.png is 12 KB/);
  });
});

it('a message is known again by 16 characters of a digest', () => {
  const limits = { inlineBytes: 16_384 };
  const digest = (...parts: readonly object[]) =>
    digestOf({ limits } as Parameters<typeof digestOf>[0], 's', messageOf(...parts));
  expect(digest(text(1))).toMatch(/^[\w-]{16}$/);
  expect(digest(text(1))).toBe(digest(text(1)));
  expect(digest(text(1))).not.toBe(digest(text(2)));
});
