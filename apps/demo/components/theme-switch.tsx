'use client';

import { useState } from 'react';
import { type Theme, themeCookie, themes } from '../lib/theme.ts';

const names: { readonly [T in Theme]: string } = { system: 'System', light: 'Light', dark: 'Dark' };
const yearS = 31_536_000;

/** Changes the page at once, and what the server renders from then on. */
export function ThemeSwitch({ theme: first }: { readonly theme: Theme }) {
  const [theme, setTheme] = useState(first);
  const choose = (next: Theme) => {
    setTheme(next);
    document.documentElement.dataset.theme = next;
    // biome-ignore lint/suspicious/noDocumentCookie: not every browser has a cookie store
    document.cookie = `${themeCookie}=${next}; path=/; max-age=${yearS}; samesite=lax`;
  };
  return (
    <label className="flex items-center gap-2 px-2 text-muted-foreground text-xs">
      Colours
      <select
        value={theme}
        onChange={({ target: { value } }) => choose(value as Theme)}
        className="rounded-md border bg-card px-1.5 py-1 text-foreground"
      >
        {themes.map((each) => (
          <option key={each} value={each}>
            {names[each]}
          </option>
        ))}
      </select>
    </label>
  );
}
