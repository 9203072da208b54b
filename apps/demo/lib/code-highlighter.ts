import type { CodeHighlighterPlugin } from 'streamdown';
import type { Colours, Uncoloured } from './code-colours.worker.ts';
import { type Grammar, grammars } from './grammars.ts';

const theme = 'css-variables';
/** Longer code is shown in one colour, in characters. */
const mostCharacters = 50_000;

/** Null where it cannot be loaded. */
let worker: Worker | null | undefined;

/** Code stays as it is, until the page is loaded anew. */
function leavePlain(reason: string): void {
  if (worker === null) return;
  worker = null;
  const why = reason && `: ${reason}`;
  console.warn(
    `unable to colour code: the worker for it cannot be loaded${why}; it is shown plain`,
  );
}

/** The worker, which is started with the first code that there are colours for. */
function started(): Worker | null {
  if (worker !== undefined) return worker;
  try {
    worker = new Worker(new URL('./code-colours.worker.ts', import.meta.url), { type: 'module' });
    // A script that is not there has no message.
    worker.addEventListener('error', ({ message = '' }) => leavePlain(message));
    return worker;
  } catch (error) {
    leavePlain(String(error));
    return null;
  }
}

function colour(code: string, grammar: Grammar, callback: (colours: Colours) => void): void {
  const there = started();
  if (!there) return;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }: MessageEvent<Colours>) => {
    port1.close();
    callback(data);
  };
  there.postMessage({ code, grammar } satisfies Uncoloured, [port2]);
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
