import { createMemoryLog } from '@holdfast/log';
import { defaultLimits, type Message } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import { FileStore } from '../../src/files/file-store.ts';
import { FileTexts, wholeOf } from '../../src/files/filled.ts';
import { messagesResponse } from '../../src/http/messages-response.ts';
import { manualTime } from '../support/manual-time.ts';

const texts = ['one "and" ', 'ü\u0000\n', ' three'];

it.each([0, 1, 2, 3])(
  'HF-FOLD-6: a page whose texts have %i pieces each is one JSON, with all of them',
  async (count) => {
    const files = new FileStore(createMemoryLog(), defaultLimits);
    const kept = async (text: string) => ({
      ...(await files.keepValue('s', JSON.stringify(text))),
      sum: 7,
    });
    const front = await Promise.all(texts.slice(0, count).map(kept));
    const partOf = (text: string) => ({ type: 'text', text, ...(count > 0 && { front }) });
    const messages = ['m1', 'm2'].map((id) => ({
      ...{ id, role: 'assistant' },
      parts: [partOf(' the end'), 7, { type: 'text', text: 'short' }],
    })) as unknown as Message[];
    const fileTexts = new FileTexts(files, manualTime().environment);
    const beside = { before: 'cursor' };
    const response = await messagesResponse(wholeOf(fileTexts, 's'), { messages }, beside);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const whole = { type: 'text', text: `${texts.slice(0, count).join('')} the end` };
    const parts = [whole, 7, { type: 'text', text: 'short' }];
    expect(await response.json()).toEqual({
      messages: ['m1', 'm2'].map((id) => ({ id, role: 'assistant', parts })),
      before: 'cursor',
    });
  },
);
