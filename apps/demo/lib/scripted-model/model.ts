import { streamOf } from '../stream-of.ts';
import { play } from './play.ts';
import { script } from './script.ts';
import { type Model, situationOf } from './situation.ts';

/**
 * A model of the AI SDK that needs no key and no network: it reads from a script, at the pace of a
 * fast model. `SCRIPT_WORD_MS` sets the pause between words.
 */
export const scriptedModel: Model = {
  specificationVersion: 'v4',
  provider: 'demo',
  modelId: 'scripted',
  supportedUrls: {},
  doGenerate: () => Promise.reject(new Error('unable to generate; the script is for streaming')),
  doStream: async (call) => ({
    stream: streamOf(
      play(script(situationOf(call)), {
        wordMs: Number(process.env.SCRIPT_WORD_MS ?? 30),
        signal: call.abortSignal,
      }),
    ),
  }),
};
