const vocabulary =
  'anchor beacon cable deck ebb fathom gale harbour island jetty keel lantern mast north oar pilot quay rope sail tide'.split(
    ' ',
  );

/** Mulberry32: small, seeded, and the same on every machine. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `count` words, each but the first with a space before it, so that they join to a text. */
export function words(seed: number, count: number): string[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, (_, at) => {
    const word = vocabulary[Math.floor(random() * vocabulary.length)] as string;
    return at === 0 ? word : ` ${word}`;
  });
}
