interface Participant {
  readonly id: string;
  readonly state: string;
  readonly info?: { readonly name?: unknown };
}

const most = 3;

/** Who else is in the chat. */
export function Presence({ others }: { readonly others: readonly Participant[] }) {
  if (others.length === 0) return null;
  const names = others.map(({ id, info }) => String(info?.name ?? id));
  return (
    <ul
      className="-space-x-1.5 flex"
      data-testid="presence"
      data-names={names.join(', ')}
      aria-label="Also here"
      title={`Also here: ${names.join(', ')}`}
    >
      {others.slice(0, most).map(({ id, state }, at) => (
        <li
          key={id}
          className={`inline-flex size-6 items-center justify-center rounded-full border-2 border-background bg-accent font-medium text-[10px] text-accent-foreground ${state === 'typing' ? 'outline-2 outline-primary' : ''}`}
        >
          <span aria-hidden="true">{initials(names[at] ?? '')}</span>
          <span className="sr-only">{names[at]}</span>
        </li>
      ))}
      {others.length > most && (
        <li className="inline-flex size-6 items-center justify-center rounded-full border-2 border-background bg-muted text-[10px]">
          +{others.length - most}
        </li>
      )}
    </ul>
  );
}

const initials = (name: string): string =>
  name
    .split(' ')
    .map((word) => word.slice(0, 1))
    .join('')
    .slice(0, 2);
