import { readFile, writeFile } from 'node:fs/promises';
// Next has it for images; here it makes one moving picture of many screenshots.
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { difference, fileOf, hasLetters } from './support/pictures.ts';
import { scriptedDemo } from './support/scripted-demo.ts';
import { SplitPage } from './support/split-page.ts';
import { until, untilEqual } from './support/until.ts';

const { visit } = scriptedDemo(30);

/** The picture that is shown with a link. */
const preview = {
  file: fileOf('apps/demo/app/opengraph-image.png'),
  viewport: { width: 1200, height: 630 },
} as const;

/** What the README shows: the play. */
const moving = {
  file: fileOf('docs/images/split.webp'),
  viewport: { width: 1040, height: 480 },
  mostBytes: 1_500_000,
} as const;

/** Which share of the points may differ: the edge of a letter, or one that there is no font for. */
const tolerated = 0.03;
/** How long the last picture stays, in ms. */
const restMs = 4_000;
/** What the story has that not every machine has a font for. */
const letters = ['美', '🏮', '💡'];

it('the picture that goes with links is of the page as it is', async () => {
  const { page } = await visit('/split', { viewport: preview.viewport, reducedMotion: 'reduce' });
  await untilEqual(() => page.getByTestId('still').count(), 5);
  await page
    .getByTestId('still')
    .nth(1)
    .evaluate((still) => still.scrollIntoView({ block: 'center' }));
  const shot = await page.screenshot();
  const known = await readFile(preview.file);
  // One that shows something else is replaced, and stands in the changes of whoever runs this.
  if ((await difference(page, known, shot)) > tolerated) await writeFile(preview.file, shot);
  expect(await sharp(preview.file).metadata()).toMatchObject(preview.viewport);
});

// Each time it is another one, because it is of a real run: so only where it is asked for.
if (process.env.PICTURES) it('the moving picture is made anew', makeMovingPicture);

it('the moving picture of the README moves, and is small', async () => {
  const { width, pageHeight, pages, delay, size } = await sharp(await readFile(moving.file), {
    pages: -1,
  }).metadata();
  expect({ width, height: pageHeight }).toEqual(moving.viewport);
  expect(pages).toBeGreaterThan(40);
  const lastsMs = (delay ?? []).reduce((sum, ms) => sum + ms, 0);
  expect(lastsMs).toBeGreaterThan(8_000);
  expect(size).toBeLessThan(moving.mostBytes);
});

async function makeMovingPicture(): Promise<void> {
  const { page } = await visit('/split', { viewport: moving.viewport, colorScheme: 'light' });
  expect(await hasLetters(page, letters), 'there are fonts for emoji and Chinese').toBe(true);
  const split = new SplitPage(page);
  const frames: { readonly shot: Buffer; readonly at: number }[] = [];
  await split.reaches('asking');
  await until(async () => {
    const at = performance.now();
    frames.push({ shot: await page.screenshot({ caret: 'hide' }), at });
    return (await split.beat()) === 'over';
  }, 'over');
  // The lamp has faded.
  await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)));
  frames.push({ shot: await page.screenshot({ caret: 'hide' }), at: performance.now() });
  const delay = frames.map(({ at }, number) =>
    Math.round((frames[number + 1]?.at ?? at + restMs) - at),
  );
  const picture = await sharp(
    frames.map(({ shot }) => shot),
    { join: { animated: true } },
  )
    .webp({ delay, loop: 0, quality: 70, effort: 5, mixed: true })
    .toBuffer();
  await writeFile(moving.file, picture);
}
