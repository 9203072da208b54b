import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { scriptedDemo } from './support/scripted-demo.ts';
import { until } from './support/until.ts';

const { join } = scriptedDemo(250);

const fileOf = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** The pictures that people see before they have the demo. */
const pictures = [
  { file: fileOf('docs/images/demo.png'), viewport: { width: 960, height: 470 } },
  { file: fileOf('apps/demo/app/opengraph-image.png'), viewport: { width: 1200, height: 630 } },
] as const;

/** Which share of the points may differ: a cursor, the edge of a letter. */
const tolerated = 0.02;

it('the pictures in the documentation are of the page as it is', async () => {
  const [first, second] = pictures;
  const a = await join(undefined, { viewport: first.viewport, colorScheme: 'light' });
  // The same visitor, who is not told of herself.
  const other = await a.page.context().newPage();
  await other.setViewportSize(second.viewport);
  await other.goto(a.page.url());
  await other.locator('[data-connection=online]').waitFor();
  await a.send('What is the weather in Lisbon?');
  await until(async () => (await a.lastText()).includes('| Wind |'), 'in mid-answer');
  const shots = await Promise.all(
    [a.page, other].map((page) => page.screenshot({ caret: 'hide' })),
  );
  expect(await a.page.getByTestId('status').textContent()).toBe('Answering…');
  for (const [at, { file }] of pictures.entries()) {
    const shot = shots[at] as Buffer;
    const known = await readFile(file).catch(() => null);
    // One that shows something else is replaced, and stands in the changes of whoever runs this.
    if (known && (await difference(other, known, shot)) <= tolerated) continue;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, shot);
  }
  for (const { file, viewport } of pictures)
    expect(await sizeOf(other, await readFile(file))).toEqual(viewport);
});

const urlOf = (png: Buffer): string => `data:image/png;base64,${png.toString('base64')}`;

const sizeOf = (page: Page, png: Buffer) =>
  page.evaluate(async (url) => {
    const image = new Image();
    image.src = url;
    await image.decode();
    return { width: image.width, height: image.height };
  }, urlOf(png));

/** The share of points that are not alike, from 0 to 1. */
const difference = (page: Page, one: Buffer, other: Buffer): Promise<number> =>
  page.evaluate(
    async (urls) => {
      const [a, b] = await Promise.all(
        urls.map(async (url) => {
          const image = new Image();
          image.src = url;
          await image.decode();
          const canvas = new OffscreenCanvas(image.width, image.height);
          const context = canvas.getContext('2d');
          context?.drawImage(image, 0, 0);
          return context?.getImageData(0, 0, image.width, image.height).data;
        }),
      );
      if (!a || !b || a.length !== b.length) return 1;
      let differ = 0;
      for (let at = 0; at < a.length; at += 4) {
        const far = [0, 1, 2].some((c) => Math.abs((a[at + c] ?? 0) - (b[at + c] ?? 0)) > 24);
        if (far) differ++;
      }
      return differ / (a.length / 4);
    },
    [urlOf(one), urlOf(other)],
  );
