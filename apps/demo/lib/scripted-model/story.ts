const openings = ['At dusk', 'Before the tide', 'On the third day', 'Without a word', 'Much later'];
const people = ['the keeper', 'Zoë', 'old 美咲', 'the cartographer', 'Søren', 'the night clerk'];
const acts = ['lit', 'mended', 'counted', 'lost', 'followed', 'wrote down', 'gave away'];
const things = [
  'the lantern 🏮',
  'a map',
  'seven knots',
  'the tide table',
  'the bell',
  'a letter ✉️',
];
const places = [
  'by the harbour',
  'under the bridge',
  'in the café',
  'beyond the light 💡',
  'at home',
];
const signs = ['👩‍🚀', '🌊', '🦑', '☕', '🕯️', '🧭'];

const pick = <T>(list: readonly T[], at: number): T => list[at % list.length] as T;

function sentence(number: number): string {
  const parts = [
    `${pick(openings, number * 3)},`,
    pick(people, number * 5 + 1),
    pick(acts, number * 2 + (number >> 2)),
    pick(things, number * 7 + 2),
    pick(places, number + (number >> 3)),
  ];
  return `${parts.join(' ')}${number % 4 === 3 ? ` ${pick(signs, number >> 2)}` : ''}.`;
}

/** A story of about that many words, the same every time, with letters beyond ASCII. */
export function story(words: number): string {
  const paragraphs: string[] = [];
  let count = 0;
  for (let number = 0; count < words; number++) {
    const text = sentence(number);
    count += text.split(' ').length;
    if (number % 5 === 0) paragraphs.push(text);
    else paragraphs[paragraphs.length - 1] += ` ${text}`;
    if (number % 20 === 19) paragraphs.push(`## Part ${(number + 1) / 20 + 1}`);
  }
  return `# The keeper's log\n\n${paragraphs.join('\n\n')}\n\n*The end.*`;
}
