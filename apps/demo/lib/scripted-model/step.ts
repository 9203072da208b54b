/** What the scripted model does next; a script is a list of these. */
export type Step =
  | { readonly do: 'reason'; readonly text: string }
  | { readonly do: 'write'; readonly text: string }
  | {
      readonly do: 'call';
      readonly tool: string;
      readonly input: Readonly<Record<string, unknown>>;
    }
  | { readonly do: 'fail'; readonly message: string };
