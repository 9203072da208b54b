// Finds the colours of code, in a thread of its own: the first line of a language alone costs a page a tenth of a second.
import {
  createCssVariablesTheme,
  createHighlighterCore,
  type HighlighterCore,
  type LanguageRegistration,
  type ThemedToken,
} from 'shiki/core';
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript';
import type { Grammar } from './grammars.ts';

/** What is asked, beside a port for the answer. */
export interface Uncoloured {
  readonly code: string;
  readonly grammar: Grammar;
}

/** Null where there are none. */
export type Colours = { readonly tokens: ThemedToken[][] } | null;

const grammars: Record<Grammar, () => Promise<{ default: LanguageRegistration[] }>> = {
  typescript: () => import('shiki/langs/typescript.mjs'),
  tsx: () => import('shiki/langs/tsx.mjs'),
  shellscript: () => import('shiki/langs/shellscript.mjs'),
  json: () => import('shiki/langs/json.mjs'),
  python: () => import('shiki/langs/python.mjs'),
  html: () => import('shiki/langs/html.mjs'),
  css: () => import('shiki/langs/css.mjs'),
  sql: () => import('shiki/langs/sql.mjs'),
};

const theme = 'css-variables';
let core: Promise<HighlighterCore> | undefined;

async function coloursOf({ code, grammar }: Uncoloured): Promise<Colours> {
  core ??= createHighlighterCore({
    themes: [createCssVariablesTheme({ name: theme, variablePrefix: '--code-' })],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  });
  const highlighter = await core;
  if (!highlighter.getLoadedLanguages().includes(grammar))
    await highlighter.loadLanguage(grammars[grammar]());
  return { tokens: highlighter.codeToTokens(code, { lang: grammar, theme }).tokens };
}

addEventListener('message', ({ data, ports }: MessageEvent<Uncoloured>) => {
  const answer = (colours: Colours) => ports[0]?.postMessage(colours);
  coloursOf(data).then(answer, () => answer(null));
});
