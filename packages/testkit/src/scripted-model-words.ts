import { randomFrom } from './seeded-random.ts';

const vocabulary =
  'anchor beacon cable deck ebb fathom gale harbour island jetty keel lantern mast north oar pilot quay rope sail tide'.split(
    ' ',
  );

/** `count` words, each but the first with a space before it, so that they join to a text. */
export function words(seed: number, count: number): string[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, (_, at) => {
    const word = vocabulary[Math.floor(random() * vocabulary.length)] as string;
    return at === 0 ? word : ` ${word}`;
  });
}
