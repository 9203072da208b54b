import { IconButton } from './icon-button.tsx';
import type { MenuItem } from './menu.tsx';

/** What a menu would have as an item, as a button of its own. */
export function IconAction({ action: { label, icon, act } }: { readonly action: MenuItem }) {
  if (typeof act !== 'string')
    return (
      <IconButton label={label} onClick={act}>
        {icon}
      </IconButton>
    );
  return (
    <a
      href={act}
      target="_blank"
      rel="noopener"
      aria-label={label}
      title={label}
      className="inline-flex size-8 items-center justify-center rounded-md text-muted-foreground transition-colors hover:bg-muted hover:text-foreground"
    >
      {icon}
    </a>
  );
}
