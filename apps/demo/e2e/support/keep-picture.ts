import type { Page } from 'playwright-core';
import { fileOf } from './pictures.ts';

/** Where the pictures of states are, for looking at; a run writes those of the run before anew. */
const folder = fileOf('apps/demo/.cache/pictures');

/** Keeps what a page shows, as it stands: what moves is painted at its end. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const path = `${folder}/${name.replace(/\W+/g, '-')}.png`;
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
}
