'use client';

import type { AgentName } from '../lib/agent-names.ts';

/** An agent, or people alone. */
export type Addressee = AgentName | 'people';

/** Whom a message may be for, as the page names them. */
const names: Readonly<Record<Addressee, string>> = {
  agent: 'Assistant',
  optimist: 'Optimist',
  skeptic: 'Skeptic',
  people: 'Nobody: a note',
};

interface Props {
  readonly to: Addressee;
  readonly onAddress: (to: Addressee) => void;
}

export function AddresseeSelect({ to, onAddress }: Props) {
  return (
    <select
      aria-label="Who is to answer"
      title="Who is to answer"
      value={to}
      onChange={({ target: { value } }) => onAddress(value as Addressee)}
      className="h-10 min-w-0 max-w-40 flex-1 rounded-xl bg-transparent px-1 text-muted-foreground text-xs sm:flex-none"
    >
      {Object.entries(names).map(([agent, name]) => (
        <option key={agent} value={agent}>
          {name}
        </option>
      ))}
    </select>
  );
}
