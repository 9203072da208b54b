// The pages say what a newcomer is to do where `npm run test:hour` looks for it: that takes minutes, and this nothing.
import { expect, it } from 'vitest';
import * as documents from './hour/documents.mjs';

it('each command and each piece of code is on its page', () => {
  expect(documents.demoCommands()).toMatch(/^git clone \S+ && cd \S+\nnpm run demo$/);
  expect(documents.createCommand()).toMatch(/^npm create holdfast@latest [\w-]+$/);
  expect(documents.installCommand()).toMatch(/^npm install @holdfast\/server @holdfast\/client$/);
  expect(documents.startCommand()).toMatch(/next start$/);
  expect(documents.deploySettings()).toEqual({
    build: 'NEXT_PUBLIC_HOLDFAST_URL',
    start: 'APP_ORIGIN',
  });
  expect(documents.swappedRoute()).toContain('wrapRoute(answer');
  expect(documents.swappedTransport()).toHaveLength(2);
});
