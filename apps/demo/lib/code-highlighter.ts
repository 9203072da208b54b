import type { CodeHighlighterPlugin } from 'streamdown';
import type { Colours, Uncoloured } from './code-colours.worker.ts';
import { type Grammar, grammars } from './grammars.ts';

const theme = 'css-variables';
/** Longer code is shown in one colour, in characters. */
const mostCharacters = 50_000;

let worker: Worker | undefined;

/** Asks the worker, which is started with the first code that there are colours for. */
function colour(code: string, grammar: Grammar, callback: (colours: Colours) => void): void {
  worker ??= new Worker(new URL('./code-colours.worker.ts', import.meta.url), { type: 'module' });
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }: MessageEvent<Colours>) => {
    port1.close();
    callback(data);
  };
  worker.postMessage({ code, grammar } satisfies Uncoloured, [port2]);
}

const plain = (code: string) => ({ tokens: code.split('\n').map((content) => [{ content }]) });

/** Colours for code that is whole, found beside the page. */
export const codeHighlighter: CodeHighlighterPlugin = {
  name: 'shiki',
  type: 'code-highlighter',
  supportsLanguage: (language) => grammars.has(language),
  getSupportedLanguages: () => [...grammars.keys()],
  getThemes: () => [theme, theme],
  highlight: ({ code, language, isIncomplete = false }, callback) => {
    const grammar = grammars.get(language.toLowerCase());
    // Without colours it stays as it is.
    if (grammar && !isIncomplete && code.length <= mostCharacters)
      colour(code, grammar, (colours) => colours && callback?.(colours));
    return plain(code);
  },
};
