import type { Page } from '../pages/page.ts';
import { type Context, newPage } from './context.ts';

/**
 * Opens connections that wait for something to come, a chat each, a few at a time. SSE has a
 * connection only while an answer is under way, so there it is one that says nothing.
 */
export async function openIdle(
  context: Context,
  count: number,
  needsAnswer: boolean,
): Promise<Page[]> {
  const pages: Page[] = [];
  const open = async () => {
    while (pages.length < count) {
      const page = newPage(context);
      pages.push(page);
      await page.open();
      if (needsAnswer) await page.send({ kind: 'silent' });
    }
  };
  await Promise.all(Array.from({ length: 20 }, open));
  return pages;
}
