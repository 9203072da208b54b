import { renderUnicodeCompact } from 'uqr';

interface Facts {
  readonly local: string;
  /** Addresses for other devices; empty where there is none. */
  readonly shared: readonly string[];
  /** Whether other devices were meant to reach it. */
  readonly isOpen: boolean;
  /** Who answers, and where sessions are kept. */
  readonly details: string;
  /** Whether whoever reads this sees colours. */
  readonly hasColours: boolean;
}

/** What the command says when the demo can be opened. */
export function greeting({ local, shared, isOpen, details, hasColours }: Facts): string {
  const [phone, ...others] = shared;
  const lines = [
    '',
    `Holdfast demo on ${local} (${details})`,
    '',
    `  On this computer   ${local}`,
    `  On your phone      ${phone ?? (isOpen ? 'not possible: this computer has no address in a network' : 'npm run demo -- --lan')}`,
    ...others.map((address) => `                 or  ${address}`),
    ...(phone ? ['', ...codeOf(phone, hasColours), ''] : []),
    ...(phone ? ['  Whoever is in your network can open it.'] : []),
    '  Ctrl-C ends it.',
    '',
  ];
  return lines.join('\n');
}

/** Black on white whatever the colours of the terminal are, where it has any: some cameras read nothing else. */
const codeOf = (address: string, hasColours: boolean): readonly string[] =>
  renderUnicodeCompact(address, { border: 2 })
    .split('\n')
    .map((line) => `  ${hasColours ? `\u001b[97;40m${line}\u001b[0m` : line}`);
