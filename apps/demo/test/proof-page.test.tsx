// @vitest-environment jsdom
import { expect, test } from 'vitest';
import { openHouse } from './support/house.tsx';

test('a page that comes late, or was cut off, tells what it caught up with', async () => {
  const house = await openHouse();
  const a = await house.open();
  await a.say('one, slowly');
  await a.until(() => a.texts.length === 2);
  const b = await house.open();
  const caughtUp = () => b.all('[data-proof="Caught up"]')[0]?.textContent ?? '';
  await b.until(() => /^\d+ words in \d+\.\d\d s$/.test(caughtUp()));
  expect(b.all('[data-proof=Position]')[0]?.textContent).toBe(
    a.all('[data-proof=Position]')[0]?.textContent,
  );
});
