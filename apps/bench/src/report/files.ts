import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Ratios } from './gate.ts';

/** Where the committed numbers, the charts and their page are. */
export const published = new URL('../../../../docs/benchmarks/', import.meta.url);

const ratios = new URL('ratios.json', published);

/** What the gate compares with. Throws where it was never written. */
export async function readRatios(): Promise<Ratios> {
  try {
    return JSON.parse(await readFile(ratios, 'utf8')) as Ratios;
  } catch (cause) {
    const where = fileURLToPath(ratios);
    throw new Error(`unable to compare: ${where} cannot be read; write it with --accept`, {
      cause,
    });
  }
}

export const writeRatios = (values: Ratios): Promise<void> =>
  writeFile(ratios, `${JSON.stringify(values, null, 2)}\n`);
