/** What the scripted model does next; a script is a list of these. */
export type Step =
  | { readonly do: 'reason'; readonly text: string }
  /** `slowly`: at a pace that one can read along with. */
  | { readonly do: 'write'; readonly text: string; readonly slowly?: boolean }
  | {
      readonly do: 'call';
      readonly tool: string;
      readonly input: Readonly<Record<string, unknown>>;
    }
  | { readonly do: 'fail'; readonly message: string };
