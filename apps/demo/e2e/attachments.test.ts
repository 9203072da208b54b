import { expect, it } from 'vitest';
import { expectAccessible } from './support/axe.ts';
import type { ChatPage } from './support/chat-page.ts';
import { scriptedDemo } from './support/scripted-demo.ts';
import { until, untilEqual } from './support/until.ts';
import { phone } from './support/visitors.ts';

const { join } = scriptedDemo(5);

/** A point. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const picture = { name: 'point.png', mimeType: 'image/png', buffer: png };
const notes = {
  name: 'notes.txt',
  mimeType: 'text/plain',
  buffer: Buffer.from('Low water at ten.'),
};

const attached = ({ page }: ChatPage) => page.getByTestId('attachment').allTextContents();
const ended = (chat: ChatPage) => untilEqual(() => chat.status(), 'ready');

/** As a browser does it when somebody pastes, or drops, a file at the prompt. */
const bring = ({ page }: ChatPage, how: 'paste' | 'drop', name: string) =>
  page.getByRole('textbox', { name: 'Your message' }).evaluate(
    (prompt, [kind, filename]) => {
      const data = new DataTransfer();
      data.items.add(new File(['Low water at ten.'], filename, { type: 'text/plain' }));
      const init = { bubbles: true, cancelable: true };
      prompt.dispatchEvent(
        kind === 'paste'
          ? new ClipboardEvent('paste', { ...init, clipboardData: data })
          : new DragEvent('drop', { ...init, dataTransfer: data }),
      );
    },
    [how, name] as const,
  );

it('files are chosen, pasted and dropped, taken away again, and seen on every device', async () => {
  const a = await join();
  const b = await join(a.id, phone);
  await a.page.getByTestId('files').setInputFiles([picture, notes]);
  await bring(a, 'paste', 'pasted.txt');
  await bring(a, 'drop', 'dropped.txt');
  await untilEqual(async () => (await attached(a)).length, 4);
  await a.page.getByRole('button', { name: 'Take away: notes.txt' }).click();
  await untilEqual(() => attached(a), ['point.png', 'pasted.txt', 'dropped.txt']);
  await expectAccessible(a.page, 'files to be sent');
  await a.send('What is this?');
  await untilEqual(() => attached(a), []);
  await ended(a);
  expect(await a.lastText()).toContain('**point.png**, **pasted.txt**, **dropped.txt**');
  for (const { page } of [a, b]) {
    await untilEqual(() => page.getByTestId('file').count(), 3);
    const shown = page.getByRole('img', { name: 'point.png' });
    await until(() => shown.evaluate((img) => (img as HTMLImageElement).naturalWidth > 0), 'shown');
  }
  await expectAccessible(b.page, 'files on a phone');
  await b.reload();
  await untilEqual(() => b.page.getByTestId('file').count(), 3);
});

it('a file goes without words, and waits where there is no network', async () => {
  const a = await join();
  await a.networkSwitch.click();
  await untilEqual(() => a.connection(), 'connecting');
  await a.page.getByTestId('files').setInputFiles(notes);
  await untilEqual(() => attached(a), ['notes.txt']);
  await a.page.getByRole('button', { name: 'Send' }).click();
  await a.page.getByTestId('pending').waitFor();
  await a.networkSwitch.click();
  await until(async () => (await a.lastText()).includes('**notes.txt**'), 'answered');
  await ended(a);
  expect(await a.page.getByTestId('file').count()).toBe(1);
});
