import { expect, test, vi } from 'vitest';
import { answer, openRoom } from './support/room.ts';

// As behind a deployment that took the file away: what files need cannot be loaded.
vi.mock('../src/files/file-work.ts', () => {
  throw new Error('the file is gone');
});

test('HF-CLI-7 where a page cannot send files ahead, they go with their message, and that is told', async () => {
  const room = await openRoom();
  const errors: unknown[] = [];
  const tab = room.join({}, { onError: (error) => errors.push(error) });
  const url = `data:image/png;base64,${'AAAA'.repeat(30_000)}`;
  const files = [{ type: 'file', mediaType: 'image/png', url } as const];
  await Promise.all([tab.chat.sendMessage({ text: 'look', files }), answer(room, 0, 'a cat')]);
  await vi.waitFor(() => expect(tab.lines).toEqual(['user: look', 'assistant: a cat']));
  const words = 'unable to load code for files: reload the page';
  expect(errors).toContainEqual(expect.objectContaining({ code: 'unavailable', message: words }));
  const run = await room.agent.run(0);
  expect(run.context.messages[0]?.parts).toContainEqual(files[0]);
});
