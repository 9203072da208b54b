import type { FileUIPart } from 'ai';
import { expect, test } from 'vitest';
import { createAttachments, mostFiles } from '../lib/attachments.ts';

const file = (filename: string): FileUIPart => ({
  type: 'file',
  mediaType: 'text/plain',
  filename,
  url: 'data:text/plain;base64,aGk=',
});
const names = (files: readonly FileUIPart[]) => files.map(({ filename }) => filename);

test('files wait for the next message of their chat, and are taken once', () => {
  const attachments = createAttachments();
  const [a, b] = [file('a'), file('b')];
  attachments.add('one', [a]);
  attachments.add('one', [b]);
  expect(attachments.of('two')).toEqual([]);
  attachments.remove('one', a);
  expect(names(attachments.take('one'))).toEqual(['b']);
  expect(attachments.take('one')).toEqual([]);
});

test('there are never more than a message should have, and those that came first stay', () => {
  const attachments = createAttachments();
  attachments.add(
    'one',
    Array.from({ length: mostFiles + 3 }, (_, at) => file(String(at))),
  );
  expect(attachments.of('one')).toHaveLength(mostFiles);
  attachments.add('one', [file('late')]);
  expect(names(attachments.of('one'))[0]).toBe('0');
  expect(names(attachments.of('one'))).not.toContain('late');
});

test('whoever looks is told of changes, and is given the same list until there is one', () => {
  const attachments = createAttachments();
  let told = 0;
  const leave = attachments.subscribe(() => {
    told++;
  });
  attachments.add('one', [file('a')]);
  expect(attachments.of('one')).toBe(attachments.of('one'));
  attachments.take('one');
  leave();
  attachments.add('one', [file('b')]);
  expect(told).toBe(2);
});
