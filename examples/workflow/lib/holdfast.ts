import { createHoldfast, type Holdfast } from '@holdfast/server';

let holdfast: Holdfast | undefined;

/** Made at its first use: steps and workflows are loaded before the program that runs them is set up. */
export const getHoldfast = (): Holdfast => {
  holdfast ??= createHoldfast({ redis: process.env.REDIS_URL });
  return holdfast;
};
