import type { GrammarState, HighlighterCore, LanguageRegistration, ThemedToken } from 'shiki/core';
import type { CodeHighlighterPlugin } from 'streamdown';

type Grammar = () => Promise<{ default: LanguageRegistration[] }>;

const typescript: Grammar = () => import('shiki/langs/typescript.mjs');
const tsx: Grammar = () => import('shiki/langs/tsx.mjs');
const shell: Grammar = () => import('shiki/langs/shellscript.mjs');

/** By what stands behind the backticks. What is not here is shown in one colour. */
const grammars = new Map<string, readonly [name: string, load: Grammar]>([
  ['ts', ['typescript', typescript]],
  ['typescript', ['typescript', typescript]],
  ['tsx', ['tsx', tsx]],
  ['jsx', ['tsx', tsx]],
  ['js', ['tsx', tsx]],
  ['javascript', ['tsx', tsx]],
  ['sh', ['shellscript', shell]],
  ['bash', ['shellscript', shell]],
  ['shell', ['shellscript', shell]],
  ['json', ['json', () => import('shiki/langs/json.mjs')]],
  ['python', ['python', () => import('shiki/langs/python.mjs')]],
  ['html', ['html', () => import('shiki/langs/html.mjs')]],
  ['css', ['css', () => import('shiki/langs/css.mjs')]],
  ['sql', ['sql', () => import('shiki/langs/sql.mjs')]],
]);

const theme = 'css-variables';
/** Longer code is shown in one colour, in characters. */
const mostCharacters = 50_000;
/** What is looked at in one go, so that the page answers in between. */
const linesAtOnce = 25;

let core: Promise<HighlighterCore> | undefined;

/** Loaded with the first code that there are colours for. */
async function loadCore(): Promise<HighlighterCore> {
  const [{ createHighlighterCore, createCssVariablesTheme }, { createJavaScriptRegexEngine }] =
    await Promise.all([import('shiki/core'), import('shiki/engine/javascript')]);
  return await createHighlighterCore({
    themes: [createCssVariablesTheme({ name: theme, variablePrefix: '--code-' })],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  });
}

const pause = (): Promise<void> =>
  new Promise((resolve) => {
    if ('requestIdleCallback' in window) requestIdleCallback(() => resolve());
    else setTimeout(resolve);
  });

async function coloured(code: string, [lang, load]: readonly [string, Grammar]) {
  core ??= loadCore();
  const highlighter = await core;
  if (!highlighter.getLoadedLanguages().includes(lang)) await highlighter.loadLanguage(load());
  const lines = code.split('\n');
  const tokens: ThemedToken[][] = [];
  let grammarState: GrammarState | undefined;
  for (let at = 0; at < lines.length; at += linesAtOnce) {
    await pause();
    const piece = lines.slice(at, at + linesAtOnce).join('\n');
    const found = highlighter.codeToTokens(piece, {
      lang,
      theme,
      ...(grammarState && { grammarState }),
    });
    tokens.push(...found.tokens);
    grammarState = found.grammarState;
  }
  return { tokens };
}

const plain = (code: string) => ({ tokens: code.split('\n').map((content) => [{ content }]) });

/** Colours for code that is whole, each time a piece of it while nothing else is to be done. */
export const codeHighlighter: CodeHighlighterPlugin = {
  name: 'shiki',
  type: 'code-highlighter',
  supportsLanguage: (language) => grammars.has(language),
  getSupportedLanguages: () => [...grammars.keys()],
  getThemes: () => [theme, theme],
  highlight: ({ code, language, isIncomplete = false }, callback) => {
    const grammar = grammars.get(language.toLowerCase());
    if (!grammar || isIncomplete || code.length > mostCharacters) return plain(code);
    // Without colours it stays as it is.
    coloured(code, grammar).then(callback, () => {});
    return plain(code);
  },
};
