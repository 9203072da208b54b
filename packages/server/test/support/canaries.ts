import { format, inspect } from 'node:util';
import { onTestFinished, vi } from 'vitest';

const methods = ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const;

/** Everything that the process tells on its console, its outputs and as warnings, until the test ends. */
export function captureOutput(): readonly string[] {
  const told: string[] = [];
  for (const method of methods) {
    const spy = vi.spyOn(console, method);
    spy.mockImplementation((...args) => void told.push(format(...args)));
    onTestFinished(() => spy.mockRestore());
  }
  for (const stream of [process.stdout, process.stderr]) {
    const spy = vi.spyOn(stream, 'write');
    spy.mockImplementation((text) => told.push(String(text)) > 0);
    onTestFinished(() => spy.mockRestore());
  }
  const warned = (warning: Error) => void told.push(inspect(warning, { depth: 20 }));
  process.on('warning', warned);
  onTestFinished(() => void process.off('warning', warned));
  return told;
}

/** All that can be found in a value, by whatever way of printing. */
export const allOf = (value: unknown): string =>
  inspect(value, { depth: 30, showHidden: true, maxArrayLength: null, maxStringLength: null });

/** Words that tell where they come from, each once in the world. */
export function canaries<Name extends string>(...names: readonly Name[]): Record<Name, string> {
  return Object.fromEntries(
    names.map((name) => [name, `canary${name}${crypto.randomUUID().replaceAll('-', '')}`]),
  ) as Record<Name, string>;
}
