// @vitest-environment jsdom
import { HoldfastError } from '@holdfast/client';
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { useHealth } from '../components/use-health.ts';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
});
afterEach(() => void vi.useRealTimers());

interface Props {
  readonly isExpecting: boolean;
  readonly sign: unknown;
  readonly ask: () => Promise<unknown>;
}

function Shown({ isExpecting, sign, ask }: Props) {
  const { isSilent, isStuck } = useHealth(isExpecting, ask, [sign]);
  return isStuck ? 'stuck' : isSilent ? 'silent' : 'well';
}

function show(ask: Props['ask']) {
  const container = document.createElement('div');
  const root = createRoot(container);
  onTestFinished(() => act(() => root.unmount()));
  return {
    render: (props: Partial<Props> = {}) =>
      act(() => root.render(<Shown isExpecting sign={1} ask={ask} {...props} />)),
    pass: (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms)),
    get words() {
      return container.textContent;
    },
  };
}

const unavailable = () => Promise.reject(new HoldfastError('unavailable', 'unable to read'));

test('silence is noticed after a while, and a server that answers is not called stuck', async () => {
  const page = show(async () => {});
  page.render();
  expect(page.words).toBe('well');
  await page.pass(4_000);
  expect(page.words).toBe('silent');
  page.render({ sign: 2 });
  expect(page.words).toBe('well');
});

test.each([
  ['cannot reach its log', unavailable],
  ['is not there', () => Promise.reject(new TypeError('Failed to fetch'))],
  ['never answers', () => new Promise(() => {})],
])('a server that %s is called stuck, for as long as that is so', async (_, ask) => {
  let isMended = false;
  const page = show(() => (isMended ? Promise.resolve() : ask()));
  page.render();
  await page.pass(4_000 + 5_000);
  expect(page.words).toBe('stuck');
  await page.pass(60_000);
  expect(page.words).toBe('stuck');
  isMended = true;
  await page.pass(3_000 + 5_000);
  expect(page.words).toBe('silent');
});

test('a refusal is an answer', async () => {
  const page = show(() => Promise.reject(new HoldfastError('forbidden', 'unable to read')));
  page.render();
  await page.pass(20_000);
  expect(page.words).toBe('silent');
});

test('where nothing is expected, nobody is asked', async () => {
  const ask = vi.fn(unavailable);
  const page = show(ask);
  page.render({ isExpecting: false });
  await page.pass(60_000);
  expect(page.words).toBe('well');
  expect(ask).not.toHaveBeenCalled();
});
