/** Of a text: `slow` can be read along with; `fast` takes as long for a paragraph as for a word. */
type Pace = 'slow' | 'fast';

/** What the scripted model does next; a script is a list of these. */
export type Step =
  | { readonly do: 'reason'; readonly text: string }
  | { readonly do: 'write'; readonly text: string; readonly pace?: Pace }
  | {
      readonly do: 'call';
      readonly tool: string;
      readonly input: Readonly<Record<string, unknown>>;
    }
  | { readonly do: 'fail'; readonly message: string };
